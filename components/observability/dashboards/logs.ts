import {
  dashboard,
  LOGS_DASHBOARD,
  logs,
  ofService,
  row,
  stat,
  TRACES_DASHBOARD,
  timeseries,
  top,
  typed,
  unit,
} from "../../kit/dashboards";
import { podServiceVariables } from "./services";

const STREAMS = `{${ofService}}`;
const BAD = '| level=~"error|critical|fatal|panic|err|crit|alert|emerg"';
const SEARCHED = "|~ `(?i)$search`";

/** What everything logs: how much, how much of it is bad, and the lines. */
export const logsDashboard = dashboard({
  uid: LOGS_DASHBOARD,
  title: "Logs",
  folder: "observability",
  range: "1h",
  variables: () => [...podServiceVariables(), typed("search", "contains")],
  links: [
    { title: "Services", to: "services" },
    { title: "Traces", to: TRACES_DASHBOARD, source: "traces" },
  ],
  rows: [
    top([
      stat({
        title: "Lines",
        width: 6,
        source: "logs",
        queries: `sum(count_over_time(${STREAMS} [$__range]))`,
        unit: unit.count,
      }),
      stat({
        title: "Errors",
        width: 6,
        source: "logs",
        queries: `sum(count_over_time(${STREAMS} ${BAD} [$__range]))`,
        unit: unit.count,
        noValue: "0",
      }),
      stat({
        title: "Bytes",
        width: 6,
        source: "logs",
        queries: `sum(bytes_over_time(${STREAMS} [$__range]))`,
        unit: unit.bytes,
      }),
      stat({
        title: "Services that log",
        width: 6,
        source: "logs",
        queries: `count(sum by (namespace, service) (count_over_time(${STREAMS} [$__range])))`,
        unit: unit.count,
      }),
    ]),
    row("How much", [
      timeseries({
        title: "Lines by level",
        source: "logs",
        unit: unit.count,
        stack: true,
        queries: { expr: `sum by (level) (count_over_time(${STREAMS} ${SEARCHED} [$__auto]))`, legend: "{{level}}" },
      }),
      timeseries({
        title: "Errors by service",
        source: "logs",
        unit: unit.count,
        stack: true,
        queries: { expr: `sum by (service) (count_over_time(${STREAMS} ${BAD} [$__auto]))`, legend: "{{service}}" },
      }),
      timeseries({
        title: "Bytes by service",
        source: "logs",
        width: 24,
        unit: unit.bytesPerSecond,
        queries: {
          expr: `topk(10, sum by (service) (bytes_rate(${STREAMS} [$__auto])))`,
          legend: "{{service}}",
        },
      }),
    ]),
    row("Lines", [
      logs({ title: "Errors", query: `${STREAMS} ${SEARCHED} ${BAD}` }),
      logs({ title: "All", query: `${STREAMS} ${SEARCHED}`, height: 16 }),
    ]),
  ],
});
