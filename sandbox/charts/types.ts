/** What is asked of a chart: the same fields as in a Helm release. */
export interface ChartRequest {
  /** Name of the chart, an `oci://` reference, or a path on this machine. */
  chart: string;
  /** @default the newest that the source offers */
  version?: string;
  /** URL of the chart's own repository. */
  repo?: string;
  /** Directory or URL with an index.yaml that is asked before the chart's own repository. */
  mirror?: string;
  /** Folder of `<plural>.<group>.json`: a stand-in chart ships these definitions instead of open ones. */
  crdsDir?: string;
  /** Downloaded and generated charts are kept here. */
  cacheDir: string;
}

export interface ResolvedChart {
  /** Chart directory or .tgz on this machine, for helm. */
  path: string;
  version: string;
  /** True: a generated chart of the recorded shape, not the chart itself. */
  standIn: boolean;
  /** For the summary: where it came from, in words. */
  source: string;
}
