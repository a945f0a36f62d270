import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import { DataqueryBuilder as Loki } from "@grafana/grafana-foundation-sdk/loki";
import { DataqueryBuilder as Prometheus, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";

/** A question to metrics (PromQL) or logs (LogQL). */
export interface Query {
  readonly expr: string;
  /** Name of each line, e.g. `{{pod}}`. @default - all its labels */
  readonly legend?: string;
  /** Show examples: points that lead to the trace of one request. Metrics only. @default false */
  readonly exemplar?: boolean;
}

/** One question, or several. */
export type Queries = string | Query | readonly Query[];

/** Over time, now, or now as rows of a table. */
export type QueryForm = "range" | "instant" | "table";

export function queriesOf(queries: Queries): readonly Query[] {
  if (typeof queries === "string") return [{ expr: queries }];
  return "expr" in queries ? [queries] : queries;
}

/** A, B, C …: what Grafana calls the queries of a panel. */
export const refId = (index: number) => String.fromCharCode("A".charCodeAt(0) + index);

export function metricsTargets(queries: Queries, form: QueryForm): Builder<Dataquery>[] {
  return queriesOf(queries).map(({ expr, legend, exemplar }, index) => {
    const target = new Prometheus().refId(refId(index)).expr(expr);
    if (form === "range") target.range();
    else target.instant();
    if (form === "table") target.format(PromQueryFormat.Table);
    if (legend !== undefined) target.legendFormat(legend);
    if (exemplar) target.exemplar(true);
    return target;
  });
}

export function logsTargets(queries: Queries, form: Exclude<QueryForm, "table">): Builder<Dataquery>[] {
  return queriesOf(queries).map(({ expr, legend }, index) => {
    const target = new Loki().refId(refId(index)).expr(expr).queryType(form);
    if (legend !== undefined) target.legendFormat(legend);
    return target;
  });
}
