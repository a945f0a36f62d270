import type {
  KubernetesObject,
  V1Container,
  V1CSIDriver,
  V1DaemonSet,
  V1Deployment,
  V1OwnerReference,
  V1Pod,
  V1PodSpec,
} from "@kubernetes/client-node";
import type { LonghornSettings } from "./settings";

export const longhornDriver = "driver.longhorn.io";

const account = "longhorn-service-account";
const usualReplicas = "3";

/** Name of each sidecar's Deployment, and what its variables in the deployer's environment begin with. */
const sidecars = {
  "csi-attacher": "CSI_ATTACHER",
  "csi-provisioner": "CSI_PROVISIONER",
  "csi-resizer": "CSI_RESIZER",
  "csi-snapshotter": "CSI_SNAPSHOTTER",
} as const;

/** What Longhorn's driver deployer puts into its namespace: a Deployment for each sidecar, and a pod on every node. */
export function driverObjects(
  deployer: V1Pod,
  settings: LonghornSettings,
  owner: V1OwnerReference,
): KubernetesObject[] {
  const container = deployer.spec!.containers[0]!;
  const variable = (name: string): string | undefined => container.env?.find((each) => each.name === name)?.value;
  const namespace = deployer.metadata!.namespace;
  const about = (name: string) => ({
    name,
    namespace,
    labels: { app: name, "longhorn.io/managed-by": "longhorn-manager" },
    ownerReferences: [owner],
  });
  const pods = (containers: V1Container[]): V1PodSpec => ({
    serviceAccountName: account,
    priorityClassName: settings.priorityClass,
    containers,
  });
  const named = (name: string, image: string | undefined): V1Container => ({
    name,
    image: image ?? container.image,
    resources: settings.sidecarResources[name],
  });
  const spec = (name: string, containers: V1Container[]) => ({
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: pods(containers) },
  });
  const registration: V1CSIDriver = {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIDriver",
    metadata: { name: longhornDriver },
    spec: { attachRequired: true, podInfoOnMount: true, volumeLifecycleModes: ["Persistent"] },
  };
  const controllers = Object.entries(sidecars).map(
    ([name, prefix]): V1Deployment => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: about(name),
      spec: {
        replicas: Number(variable(`${prefix}_REPLICA_COUNT`) ?? usualReplicas),
        ...spec(name, [named(name, variable(`${prefix}_IMAGE`))]),
      },
    }),
  );
  const plugin: V1DaemonSet = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: about("longhorn-csi-plugin"),
    spec: spec("longhorn-csi-plugin", [
      named("node-driver-registrar", variable("CSI_NODE_DRIVER_REGISTRAR_IMAGE")),
      named("longhorn-liveness-probe", variable("CSI_LIVENESS_PROBE_IMAGE")),
      named("longhorn-csi-plugin", undefined),
    ]),
  };
  return [registration, ...controllers, plugin];
}
