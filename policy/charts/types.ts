import type { Props, Subject } from "../framework/rule";

/** Everything of a Release that decides what Helm renders: plain data. */
export interface ChartRequest {
  /** The Helm release's name. */
  release: string;
  namespace: string;
  /** A chart's name, an `oci://` reference, or a directory or archive on this machine. */
  chart: string;
  version?: string;
  /** URL of the repository. */
  repository?: string;
  values: Props;
  /** Further flags, e.g. `--no-hooks`. */
  flags: string[];
}

/** What the charts are rendered for. */
export interface Target {
  /** Version that the chart believes it is installed into. */
  kubeVersion: string;
  /** API versions beside Kubernetes' own that charts may ask for. */
  apiVersions: string[];
}

export const defaultTarget: Target = { kubeVersion: "1.35.0", apiVersions: [] };

/** What became of a Release. */
export type Rendering =
  | { kind: "objects"; subjects: readonly Subject[] }
  /** Values that are known only after `up` decide about it. */
  | { kind: "not-evaluated"; reason: string }
  /** No helm, or the chart cannot be had. */
  | { kind: "opaque"; reason: string }
  /** The chart refuses these values. */
  | { kind: "failed"; reason: string };

export const RELEASE_TYPE = "kubernetes:helm.sh/v3:Release";
