import type { Props, Subject } from "../framework/rule";

/** A container with where it stands, for messages. */
export interface ContainerView {
  path: string;
  container: Props;
}

const workloadTemplates: Record<string, (props: Props) => Props | undefined> = {
  Pod: (props) => props,
  Deployment: (props) => props.spec?.template,
  StatefulSet: (props) => props.spec?.template,
  DaemonSet: (props) => props.spec?.template,
  ReplicaSet: (props) => props.spec?.template,
  Job: (props) => props.spec?.template,
  CronJob: (props) => props.spec?.jobTemplate?.spec?.template,
};

/** Groups of the workload kinds: another group's `Deployment` or `Job` is something else. */
const workloadGroups = new Set(["core", "apps", "batch"]);

/** "Deployment" of `kubernetes:apps/v1:Deployment`; undefined for what is not a Kubernetes object. */
export function kindOf(type: string): string | undefined {
  const [provider, group = "", kind] = type.split(":");
  return provider === "kubernetes" && !group.startsWith("helm.sh/") && !group.startsWith("yaml/") ? kind : undefined;
}

export function groupOf(type: string): string {
  const group = type.split(":")[1] ?? "";
  return group.includes("/") ? (group.split("/")[0] ?? "") : "core";
}

export const isWorkload = (type: string) =>
  Object.hasOwn(workloadTemplates, kindOf(type) ?? "") && workloadGroups.has(groupOf(type));

/** Pods that serve until somebody stops them, unlike jobs. */
export const isService = (type: string) => isWorkload(type) && !["Job", "CronJob"].includes(kindOf(type) ?? "");

/** Whether the type is this kind of this group, in any version. */
export const isKind = (type: string, group: string, kind: string) => kindOf(type) === kind && groupOf(type) === group;

/** The pod template of a workload: its metadata and its spec. */
export function podTemplate({ type, props }: Subject): Props | undefined {
  return workloadTemplates[kindOf(type) ?? ""]?.(props);
}

/** The pod spec of a workload. */
export function podSpec(subject: Subject): Props | undefined {
  return podTemplate(subject)?.spec;
}

/** Init and ephemeral containers count like containers. */
export function containers(spec: Props): ContainerView[] {
  return ["containers", "initContainers", "ephemeralContainers"].flatMap((list) =>
    ((spec[list] ?? []) as Props[]).map((container, index) => ({
      path: `${list}[${container.name ?? index}]`,
      container,
    })),
  );
}

/** The containers that run as long as the pod does; sidecars among them. */
export function runningContainers(spec: Props): ContainerView[] {
  return containers(spec).filter(
    ({ path, container }) =>
      path.startsWith("containers") || (path.startsWith("initContainers") && container.restartPolicy === "Always"),
  );
}

/**
 * Whether the object itself says why an advisory rule does not hold for it, with the annotation
 * `orrery.dev/exception.<name>: <reason>`. Mandatory rules take reviewed exceptions only.
 */
export function isDeclared(subject: Subject, name: string): boolean {
  return [subject.props.metadata, podTemplate(subject)?.metadata].some(
    (metadata) => (metadata?.annotations?.[`orrery.dev/exception.${name}`] ?? "") !== "",
  );
}

export const isNamespaced = (kind: string) => !clusterScoped.has(kind);

const clusterScoped = new Set([
  "APIService",
  "CiliumClusterwideNetworkPolicy",
  "ClusterRole",
  "ClusterRoleBinding",
  "ClusterIssuer",
  "CSIDriver",
  "CustomResourceDefinition",
  "GatewayClass",
  "IngressClass",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "RuntimeClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
  "VolumeSnapshotClass",
]);
