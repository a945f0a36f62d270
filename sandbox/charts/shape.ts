/**
 * The recorded shape of a chart: what it puts into a cluster and which values change that. Texts may hold Helm's own
 * template expressions; `value()` marks a place where a value of the chart goes.
 */

const marker = Symbol("value");

/** A value of the chart, put in as it is; left out when it is empty. With `fixed` items, the value comes after them. */
export interface ValueReference {
  [marker]: true;
  path: string;
  fixed?: unknown[];
}

export function value(path: string, fixed?: unknown[]): ValueReference {
  return { [marker]: true, path, fixed };
}

export function isValue(node: unknown): node is ValueReference {
  return typeof node === "object" && node !== null && marker in node;
}

/** A piece of template that needs more than a value, written for the indentation at which it stands. */
export interface TemplateBlock {
  [block]: (indent: number) => string;
}

const block = Symbol("block");

export function template(text: (indent: number) => string): TemplateBlock {
  return { [block]: text };
}

export function blockOf(node: unknown): ((indent: number) => string) | undefined {
  return typeof node === "object" && node !== null && block in node ? (node as TemplateBlock)[block] : undefined;
}

export interface CrdShape {
  group: string;
  kind: string;
  plural: string;
  scope: "Namespaced" | "Cluster";
  /** The first one is stored. */
  versions: string[];
  shortNames?: string[];
  categories?: string[];
  /** @default true */
  status?: boolean;
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
}

export interface ObjectShape {
  /** A Helm condition, e.g. `.Values.hubble.relay.enabled`. @default always */
  when?: string;
  /** The manifest; metadata.namespace is filled in for namespaced kinds. */
  manifest: Record<string, unknown>;
}

export interface ContainerShape {
  name: string;
  image: string;
  resources?: unknown;
  securityContext?: unknown;
  command?: string[];
  args?: string[] | ValueReference | TemplateBlock;
  env?: unknown;
  volumeMounts?: object[];
  ports?: { name: string; containerPort: number | string; hostPort?: number; protocol?: string }[];
  readinessProbe?: unknown;
  livenessProbe?: unknown;
  startupProbe?: unknown;
}

export interface WorkloadShape {
  when?: string;
  kind: "Deployment" | "DaemonSet" | "StatefulSet" | "Job";
  name: string;
  /** Number, or the path of the value that holds it. */
  replicas?: number | string;
  /** Labels of the pods that the workload selects them by. */
  selector: Record<string, string>;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  podLabels?: unknown;
  podAnnotations?: unknown;
  strategy?: unknown;
  /** Pod spec without the containers. */
  pod: Record<string, unknown>;
  initContainers?: ContainerShape[];
  containers: ContainerShape[];
}

export interface ChartShape {
  chart: string;
  /** Recorded versions with their appVersion. */
  versions: Record<string, string>;
  /** appVersion of a version that is not recorded. */
  appVersionOf(version: string): string;
  kubeVersion?: string;
  description: string;
  /** Default values, as far as the templates below look at them. */
  values(version: string, appVersion: string): Record<string, unknown>;
  workloads: WorkloadShape[];
  objects: ObjectShape[];
  /** Whole templates, by their file name, for what the lists above cannot say. */
  templates?: Record<string, string>;
  crds: CrdShape[];
  /**
   * How the chart brings its definitions: with its templates, when a condition holds; in its folder crds/, which Helm
   * installs once and never upgrades; or the operator with this image registers them at run time, and the chart has
   * none.
   */
  crdsFrom: { templates: string } | { folder: true } | { operator: RegExp };
}
