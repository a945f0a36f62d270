import {
  above,
  dashboard,
  LOGS_DASHBOARD,
  ofService,
  row,
  serviceGraph,
  serviceTraces,
  serviceVariables,
  TRACES_DASHBOARD,
  table,
  unit,
} from "../../kit/dashboards";
import { requestPanels, spanErrors, spanLatency, spanRate } from "./spans";

const BY = "service, span_name";

/** What traces say of requests: how many, how many fail, how long they take, and who calls whom. */
export const tracesDashboard = dashboard({
  uid: TRACES_DASHBOARD,
  title: "Traces",
  folder: "observability",
  range: "1h",
  variables: () => serviceVariables("traces_spanmetrics_calls_total"),
  links: [
    { title: "Services", to: "services" },
    { title: "Logs", to: LOGS_DASHBOARD, source: "logs" },
  ],
  rows: [
    row("Services", requestPanels("service")),
    row("Operations", [
      table({
        title: "Operations",
        by: { service: "Service", span_name: "Operation" },
        columns: [
          { title: "Requests", expr: spanRate(BY, ofService), unit: unit.requestsPerSecond },
          {
            title: "Errors",
            expr: spanErrors(BY, ofService),
            unit: unit.ratio,
            thresholds: above({ warning: 0.01, critical: 0.05 }),
          },
          { title: "Time of half", expr: spanLatency(BY, ofService, 0.5), unit: unit.seconds },
          { title: "Time of 95 of 100", expr: spanLatency(BY, ofService), unit: unit.seconds },
        ],
      }),
    ]),
    row("Who calls whom", [serviceGraph({ title: "Services" })]),
    row("Traces", [
      serviceTraces("status = error", "With an error"),
      serviceTraces("duration > 1s", "Longer than a second"),
    ]),
  ],
});
