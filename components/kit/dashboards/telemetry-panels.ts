import { LogsSortOrder } from "@grafana/grafana-foundation-sdk/common";
import { PanelBuilder as Logs } from "@grafana/grafana-foundation-sdk/logs";
import { PanelBuilder as NodeGraph } from "@grafana/grafana-foundation-sdk/nodegraph";
import { PanelBuilder as GrafanaTable } from "@grafana/grafana-foundation-sdk/table";
import { SearchTableType, DataqueryBuilder as Tempo } from "@grafana/grafana-foundation-sdk/tempo";
import type { Panel, PanelOptions } from "./panel";
import { basics, panel } from "./panels";
import { logsTargets } from "./queries";
import { ofService } from "./variables";

/** Lines of logs, the newest first. */
export function logs(options: PanelOptions & { /** LogQL. */ readonly query: string }): Panel {
  return panel(options, 24, 10, "logs", () =>
    basics(new Logs(), options, "logs")
      .targets(logsTargets(options.query, "range"))
      .showTime(true)
      .wrapLogMessage(true)
      .enableLogDetails(true)
      .sortOrder(LogsSortOrder.Descending),
  );
}

/** What the service logs that `serviceVariables` choose; `filter` is LogQL after the selector, e.g. `|= "error"`. */
export const serviceLogs = (filter = "", title = "Logs"): Panel =>
  logs({ title, query: `{${ofService}}${filter === "" ? "" : ` ${filter}`}` });

/** Traces that TraceQL finds; each leads to its spans. */
export function traces(
  options: PanelOptions & { /** TraceQL. */ readonly query: string; readonly limit?: number },
): Panel {
  return panel(options, 24, 10, "traces", () =>
    basics(new GrafanaTable(), options, "traces").withTarget(
      new Tempo()
        .refId("A")
        .queryType("traceql")
        .query(options.query)
        .limit(options.limit ?? 20)
        .tableType(SearchTableType.Traces),
    ),
  );
}

/** The traces of the service that `serviceVariables` choose; `filter` is one more TraceQL condition. */
export const serviceTraces = (filter = "", title = "Traces"): Panel =>
  traces({ title, query: `{resource.service.name=~"$service"${filter === "" ? "" : ` && ${filter}`}}` });

/** Who calls whom, from the metrics that Tempo makes of spans; `matchers` as in PromQL, e.g. `{client="gateway"}`. */
export function serviceGraph(options: PanelOptions & { readonly matchers?: string }): Panel {
  return panel(options, 24, 14, "traces", () =>
    basics(new NodeGraph(), options, "traces").withTarget(
      new Tempo()
        .refId("A")
        .queryType("serviceMap")
        .serviceMapQuery(options.matchers ?? ""),
    ),
  );
}
