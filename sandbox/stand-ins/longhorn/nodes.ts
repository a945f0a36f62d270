import { createHash } from "node:crypto";
import type { KubernetesObject, V1Node, V1OwnerReference, V1Pod } from "@kubernetes/client-node";
import type { Kind } from "../runtime/cluster";
import type { LonghornSettings } from "./settings";

export const longhornNodes: Kind = { apiVersion: "longhorn.io/v1beta2", kind: "Node", plural: "nodes" };

const needed = "extensions.talos.dev/iscsi-tools";

/** What the manager says, before it ends, on a machine that cannot attach volumes; undefined where it can. */
export function failedCheck(node: V1Node): string | undefined {
  if (node.metadata?.labels?.[needed] !== undefined) return undefined;
  return (
    "Error starting manager: failed environment check, please make sure you have iscsiadm/open-iscsi installed on the " +
    "host: failed to execute: nsenter iscsiadm --version: No such file or directory"
  );
}

/** The status of a manager's pod that ends again and again. */
export function crashed(pod: V1Pod, message: string, now: Date): object {
  return {
    conditions: pod.status?.conditions?.map((condition) =>
      ["Ready", "ContainersReady"].includes(condition.type)
        ? { ...condition, status: "False", reason: "ContainersNotReady", message, lastTransitionTime: now }
        : condition,
    ),
    containerStatuses: pod.status?.containerStatuses?.map((status) => ({
      ...status,
      ready: false,
      started: false,
      state: { waiting: { reason: "CrashLoopBackOff", message } },
    })),
  };
}

export function hasCrashed(pod: V1Pod): boolean {
  return pod.status?.containerStatuses?.some(({ state }) => state?.waiting?.reason === "CrashLoopBackOff") === true;
}

const diskPath = "/var/lib/longhorn/";

/** Longhorn's own picture of a node. */
export function longhornNode(node: V1Node, namespace: string, owner: V1OwnerReference): KubernetesObject {
  const name = node.metadata!.name!;
  return {
    apiVersion: longhornNodes.apiVersion,
    kind: longhornNodes.kind,
    metadata: { name, namespace, ownerReferences: [owner] },
    spec: {
      name,
      allowScheduling: true,
      evictionRequested: false,
      tags: [],
      disks: {
        [`default-disk-${short(name)}`]: {
          path: diskPath,
          diskType: "filesystem",
          allowScheduling: true,
          evictionRequested: false,
          storageReserved: 0,
          tags: [],
        },
      },
    },
  } as KubernetesObject;
}

export function longhornNodeStatus(node: V1Node): Record<string, unknown> {
  const labels = node.metadata?.labels;
  const condition = (type: string) => ({ type, status: "True", reason: "", message: `Node ${type}` });
  return {
    conditions: ["Ready", "Schedulable", "MountPropagation", "RequiredPackages"].map(condition),
    region: labels?.["topology.kubernetes.io/region"] ?? "",
    zone: labels?.["topology.kubernetes.io/zone"] ?? "",
  };
}

/** The pod in which the engines and replicas of a node's volumes run, with its share of the node's CPU. */
export function instanceManager(
  node: V1Node,
  manager: V1Pod,
  settings: LonghornSettings,
  owner: V1OwnerReference,
): V1Pod {
  const name = node.metadata!.name!;
  const image = manager.spec!.containers[0]!.image!.replace("longhorn-manager", "longhorn-instance-manager");
  const cpu = Math.ceil((milliCpu(node.status?.allocatable?.["cpu"]) * settings.instanceManagerCpuPercent) / 100);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `instance-manager-${short(name)}`,
      namespace: manager.metadata!.namespace,
      labels: {
        "longhorn.io/component": "instance-manager",
        "longhorn.io/data-engine": "v1",
        "longhorn.io/managed-by": "longhorn-manager",
        "longhorn.io/node": name.slice(0, 63),
      },
      ownerReferences: [owner],
    },
    spec: {
      serviceAccountName: manager.spec!.serviceAccountName,
      priorityClassName: settings.priorityClass,
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [name] }] }],
          },
        },
      },
      containers: [
        {
          name: "instance-manager",
          image,
          args: ["instance-manager", "--debug", "daemon", "--listen", ":8500"],
          resources: { requests: { cpu: `${cpu}m` } },
          securityContext: { privileged: true },
        },
      ],
    },
  };
}

function milliCpu(quantity: string | undefined): number {
  if (quantity === undefined) return 0;
  return quantity.endsWith("m") ? Number(quantity.slice(0, -1)) : Number(quantity) * 1000;
}

function short(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 16);
}
