import type { Props, Subject } from "../framework/rule";

/** A container with where it stands, for messages. */
export interface ContainerView {
  path: string;
  container: Props;
}

const workloadTemplates: Record<string, (props: Props) => Props | undefined> = {
  Pod: (props) => props.spec,
  Deployment: (props) => props.spec?.template?.spec,
  StatefulSet: (props) => props.spec?.template?.spec,
  DaemonSet: (props) => props.spec?.template?.spec,
  ReplicaSet: (props) => props.spec?.template?.spec,
  Job: (props) => props.spec?.template?.spec,
  CronJob: (props) => props.spec?.jobTemplate?.spec?.template?.spec,
};

/** "Deployment" of `kubernetes:apps/v1:Deployment`; undefined for what is not a Kubernetes object. */
export function kindOf(type: string): string | undefined {
  const [provider, group = "", kind] = type.split(":");
  return provider === "kubernetes" && !group.startsWith("helm.sh/") && !group.startsWith("yaml/") ? kind : undefined;
}

export function groupOf(type: string): string {
  const group = type.split(":")[1] ?? "";
  return group.includes("/") ? (group.split("/")[0] ?? "") : "core";
}

export const isWorkload = (type: string) => Object.hasOwn(workloadTemplates, kindOf(type) ?? "");

/** The pod spec of a workload. */
export function podSpec({ type, props }: Subject): Props | undefined {
  return workloadTemplates[kindOf(type) ?? ""]?.(props);
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
