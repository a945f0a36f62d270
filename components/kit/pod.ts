import { type BackupPlan, backupAnnotations, backupLabels } from "./backup";
import { type Exception, exceptionAnnotations, type Identity, labels, selectorLabels } from "./labels";
import type { KubernetesApi } from "./permissions";
import { priorityClassOf } from "./priorities";
import { type ProbeArgs, probes } from "./probes";
import { containerSecurityContext, NOBODY, podSecurityContext, type RunAs } from "./security";
import type { Resources } from "./sizes";
import type { MetricsTarget } from "./telemetry";
import { configHash, podVolumes, type Volumes, volumeMounts } from "./volumes";

/** How the pods' metrics are asked for; the port is one of a container of theirs, by name. */
export interface PodMetrics extends Omit<MetricsTarget, "identity" | "pods" | "port"> {
  readonly port: string;
}

export interface ContainerPort {
  readonly name: string;
  readonly port: number;
  /** Port of the Service before it. @default the container's */
  readonly servicePort?: number;
}

/** An environment variable from a key of a Secret. */
export interface SecretVariable {
  readonly secret: string;
  readonly key: string;
}

/** An environment variable from a field of the pod, e.g. `metadata.namespace`. */
export interface FieldVariable {
  readonly field: string;
}

export type Variable = string | SecretVariable | FieldVariable;

/** A second container of a pod: an exporter, a step before the start. It is as restricted as the first one. */
export interface Sidecar {
  readonly name: string;
  /** Image reference, from images.ts. */
  readonly image: string;
  /** @default - the image's own */
  readonly command?: readonly string[];
  /** @default - the image's own */
  readonly args?: readonly string[];
  readonly ports?: readonly ContainerPort[];
  readonly environment?: Readonly<Record<string, Variable>>;
  readonly resources: Resources;
  /** @default - none: it serves nobody */
  readonly probes?: ProbeArgs;
  /** Volumes of the pod, by their names. @default - none */
  readonly mounts?: readonly { readonly volume: string; readonly path: string; readonly readOnly?: boolean }[];
}

/** What the pods of a service are made of. */
export interface PodArgs {
  /** Image reference, from images.ts. */
  readonly image: string;
  /** @default - the image's own */
  readonly command?: readonly string[];
  /** @default - the image's own */
  readonly args?: readonly string[];
  /** @default - the image's own */
  readonly workingDirectory?: string;
  readonly ports?: readonly ContainerPort[];
  /** Plain values, keys of Secrets, or fields of the pod. A secret value itself never goes in here. */
  readonly environment?: Readonly<Record<string, Variable>>;
  readonly resources: Resources;
  /** @default - none, for jobs; anything else without them needs the exception `probes`. */
  readonly probes?: ProbeArgs;
  readonly volumes?: Volumes;
  /** @default user and group 65532 */
  readonly runAs?: RunAs;
  /** @default true. `false` needs the exception `read-only-root-filesystem`. */
  readonly readOnlyRootFilesystem?: boolean;
  /** Whether it listens on ports below 1024. @default false */
  readonly bindsLowPorts?: boolean;
  /** What the pods do with the Kubernetes API, and why. @default - nothing: no token, no way to it */
  readonly kubernetesApi?: KubernetesApi;
  /** Where Prometheus finds metrics. @default - no metrics */
  readonly metrics?: PodMetrics;
  /** Containers beside the first one. @default - none */
  readonly sidecars?: readonly Sidecar[];
  /** Containers that run to their end, one after the other, before the first one starts. @default - none */
  readonly initContainers?: readonly Sidecar[];
  /** Rules from which these pods are excepted, with the reason. */
  readonly exceptions?: readonly Exception[];
  /** @default - that of the namespace's domain: priorities.ts */
  readonly priorityClass?: string;
  /** How the persistent volumes are backed up. @default velero, where there are any */
  readonly backup?: BackupPlan;
  /** Seconds that a pod has to end. @default 30 */
  readonly terminationGraceSeconds?: number;
  /** More labels of the pods, for what selects pods of several workloads. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Only on nodes whose labels have one of these values, by label. @default - any node */
  readonly nodes?: Readonly<Record<string, readonly string[]>>;
  /** How containers are run, e.g. with the libraries of a GPU. @default - the node's usual way */
  readonly runtimeClass?: string;
  /** Taints that the pods tolerate. @default - none */
  readonly tolerations?: readonly { readonly key: string; readonly operator: string; readonly effect?: string }[];
}

export interface PodTemplateArgs extends PodArgs {
  readonly identity: Identity;
  /** More than one copy: they are spread over nodes and locations. */
  readonly spread: boolean;
  readonly restartPolicy?: "Always" | "OnFailure" | "Never";
}

interface RequiredException {
  readonly rule: string;
  readonly needed: (args: PodArgs & { readonly kind?: string }) => boolean;
}

const REQUIRED_EXCEPTIONS: readonly RequiredException[] = [
  { rule: "read-only-root-filesystem", needed: (args) => args.readOnlyRootFilesystem === false },
  { rule: "probes", needed: (args) => args.probes === undefined && args.kind !== "Job" && args.kind !== "CronJob" },
];

/** Everything in which the pods are less safe than the default must be declared with a reason; lists what is not. */
export function undeclaredExceptions(args: PodArgs & { readonly kind?: string }): string[] {
  const declared = new Set((args.exceptions ?? []).map(({ rule }) => rule));
  return REQUIRED_EXCEPTIONS.filter(({ rule, needed }) => needed(args) && !declared.has(rule)).map(({ rule }) => rule);
}

/** The pod template of a service. */
export function podTemplate(args: PodTemplateArgs) {
  const { identity } = args;
  const volumes = args.volumes ?? {};
  const runAs = args.runAs ?? NOBODY;
  return {
    metadata: { labels: podLabels(args), annotations: podAnnotations(args) },
    spec: {
      serviceAccountName: identity.instance,
      automountServiceAccountToken: args.kubernetesApi !== undefined,
      // Addresses of Services as environment variables: nobody reads them, and hundreds of them slow a start.
      enableServiceLinks: false,
      securityContext: podSecurityContext(runAs),
      terminationGracePeriodSeconds: args.terminationGraceSeconds ?? 30,
      ...(args.restartPolicy === undefined ? {} : { restartPolicy: args.restartPolicy }),
      priorityClassName: args.priorityClass ?? priorityClassOf(identity.domain),
      ...(args.runtimeClass === undefined ? {} : { runtimeClassName: args.runtimeClass }),
      ...(args.nodes === undefined ? {} : { affinity: nodeAffinity(args.nodes) }),
      ...(args.tolerations === undefined ? {} : { tolerations: args.tolerations.map((each) => ({ ...each })) }),
      ...(args.spread ? { topologySpreadConstraints: spreadConstraints(identity) } : {}),
      ...(args.initContainers === undefined ? {} : { initContainers: args.initContainers.map(sidecar) }),
      containers: [container(args, volumes), ...(args.sidecars ?? []).map(sidecar)],
      volumes: podVolumes(volumes, identity.instance),
    },
  };
}

/** Required: a pod that finds no such node waits, and the scheduler says why. */
function nodeAffinity(nodes: Readonly<Record<string, readonly string[]>>) {
  const matchExpressions = Object.entries(nodes).map(([key, values]) => ({ key, operator: "In", values: [...values] }));
  return {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
  };
}

/** The label `orrery.dev/metrics-port` selects the pods that a PodMonitor scrapes, and names the port. */
function podLabels(args: PodTemplateArgs): Record<string, string> {
  return {
    ...args.labels,
    ...labels(args.identity),
    ...(persistentVolumes(args).length === 0 ? {} : backupLabels(backupPlan(args))),
    ...(args.metrics === undefined ? {} : { "orrery.dev/metrics-port": args.metrics.port }),
  };
}

function podAnnotations(args: PodTemplateArgs): Record<string, string> {
  const config = args.volumes?.config;
  const volumes = persistentVolumes(args);
  return {
    ...(args.metrics === undefined ? {} : { "orrery.dev/metrics-path": args.metrics.path ?? "/metrics" }),
    ...(config === undefined ? {} : { "orrery.dev/config-hash": configHash(config) }),
    ...(volumes.length === 0 ? {} : backupAnnotations(backupPlan(args), volumes)),
    ...exceptionAnnotations(args.exceptions ?? []),
    ...(args.kubernetesApi === undefined
      ? {}
      : exceptionAnnotations([{ rule: "service-account-token", reason: args.kubernetesApi.reason }])),
  };
}

function persistentVolumes({ volumes }: PodArgs): string[] {
  return (volumes?.persistent ?? []).map(({ name }) => name);
}

function backupPlan({ backup }: PodArgs): BackupPlan {
  return backup ?? { by: "velero" };
}

function container(args: PodTemplateArgs, volumes: Volumes) {
  return {
    ...program(args.identity.name, args),
    ...(args.workingDirectory === undefined ? {} : { workingDir: args.workingDirectory }),
    securityContext: containerSecurityContext(args.readOnlyRootFilesystem ?? true, args.bindsLowPorts),
    volumeMounts: volumeMounts(volumes),
    ...(args.probes === undefined ? {} : probes(args.probes)),
  };
}

function sidecar(args: Sidecar) {
  return {
    ...program(args.name, args),
    securityContext: containerSecurityContext(true),
    volumeMounts: (args.mounts ?? []).map(({ volume, path, readOnly = true }) => ({
      name: volume,
      mountPath: path,
      // The API server drops a false, and each run would find a change.
      ...(readOnly ? { readOnly } : {}),
    })),
    ...(args.probes === undefined ? {} : probes(args.probes)),
  };
}

/** What every container says of the program in it. */
function program(
  name: string,
  args: Pick<PodArgs, "image" | "command" | "args" | "ports" | "environment" | "resources">,
) {
  return {
    name,
    image: args.image,
    imagePullPolicy: "IfNotPresent",
    ...(args.command === undefined ? {} : { command: [...args.command] }),
    ...(args.args === undefined ? {} : { args: [...args.args] }),
    ports: (args.ports ?? []).map(({ name, port }) => ({ name, containerPort: port, protocol: "TCP" })),
    env: Object.entries(args.environment ?? {}).map(([name, value]) => ({ name, ...variable(value) })),
    resources: args.resources,
  };
}

function variable(value: Variable) {
  if (typeof value === "string") {
    return { value };
  }
  return "field" in value
    ? { valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: value.field } } }
    : { valueFrom: { secretKeyRef: { name: value.secret, key: value.key } } };
}

/** Over nodes strictly, over locations as well as it goes: a small environment has one location only. */
export function spreadConstraints(identity: Pick<Identity, "name" | "instance" | "component">) {
  // Nodes that a taint keeps these pods from are not counted: they would have none for ever, and so forbid a second one
  // on any other node.
  const even = { maxSkew: 1, nodeTaintsPolicy: "Honor", labelSelector: { matchLabels: selectorLabels(identity) } };
  return [
    { topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "DoNotSchedule", ...even },
    { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", ...even },
  ];
}
