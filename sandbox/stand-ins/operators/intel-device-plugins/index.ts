import type { KubernetesObject, V1DaemonSet, V1Toleration } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import { handler, type Operator, ownedBy } from "../types";

const plugins: Kind = { apiVersion: "deviceplugin.intel.com/v1", kind: "GpuDevicePlugin", plural: "gpudeviceplugins" };
const daemonSets: Kind = { apiVersion: "apps/v1", kind: "DaemonSet", plural: "daemonsets" };

interface GpuDevicePlugin extends KubernetesObject {
  spec?: {
    image?: string;
    sharedDevNum?: number;
    logLevel?: number;
    enableMonitoring?: boolean;
    preferredAllocationPolicy?: string;
    bypathMode?: string;
    nodeSelector?: Record<string, string>;
    tolerations?: V1Toleration[];
  };
}

const name = "intel-gpu-plugin";

/** The plugin's arguments, as the operator makes them from the resource. */
export function pluginArgs({ spec = {} }: GpuDevicePlugin): string[] {
  return [
    "-v",
    String(spec.logLevel ?? 0),
    ...(spec.enableMonitoring ? ["-enable-monitoring"] : []),
    "-shared-dev-num",
    String(spec.sharedDevNum || 1),
    "-allocation-policy",
    spec.preferredAllocationPolicy || "none",
    ...(spec.bypathMode ? ["-bypath", spec.bypathMode] : []),
  ];
}

/** The DaemonSet of a GpuDevicePlugin; its requests and its directories are the operator's, not the resource's. */
export function daemonSetOf(resource: GpuDevicePlugin, namespace: string): V1DaemonSet {
  const { spec = {}, metadata } = resource;
  const labels = { app: name };
  const hostPath = (volume: string, path: string, type?: string) => ({ name: volume, hostPath: { path, type } });
  const volumes = [
    hostPath("devfs", "/dev/dri"),
    hostPath("sysfsdrm", "/sys/class/drm"),
    hostPath("kubeletsockets", "/var/lib/kubelet/device-plugins"),
    hostPath("cdipath", "/var/run/cdi", "DirectoryOrCreate"),
  ];
  return {
    apiVersion: daemonSets.apiVersion,
    kind: daemonSets.kind,
    metadata: { name: `${name}-${metadata!.name}`, namespace, labels, ownerReferences: ownedBy(resource) },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: spec.nodeSelector ?? { "kubernetes.io/arch": "amd64" },
          ...(spec.tolerations ? { tolerations: spec.tolerations } : {}),
          containers: [
            {
              name,
              image: spec.image,
              imagePullPolicy: "IfNotPresent",
              args: pluginArgs(resource),
              env: [
                { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
                { name: "HOST_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
              ],
              resources: { requests: { cpu: "40m", memory: "45Mi" }, limits: { cpu: "100m", memory: "90Mi" } },
              securityContext: {
                seLinuxOptions: { type: "container_device_plugin_t" },
                readOnlyRootFilesystem: true,
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
                seccompProfile: { type: "RuntimeDefault" },
              },
              volumeMounts: volumes.map(({ name: volume, hostPath: { path } }) => ({
                name: volume,
                mountPath: path,
                ...(volume === "devfs" || volume === "sysfsdrm" ? { readOnly: true } : {}),
              })),
            },
          ],
          volumes,
        },
      },
    },
  };
}

/** A GpuDevicePlugin becomes a DaemonSet, and its status counts the DaemonSet's pods. */
export const intelDevicePlugins: Operator = {
  name: "intel-device-plugins-operator",
  image: /(^|\/)intel-deviceplugin-operator[:@]/,
  standsInFor: "Intel's device plugins operator: the DaemonSets of GPU plugins",
  children: [daemonSets],
  handlers: [
    handler<GpuDevicePlugin>({
      kind: plugins,
      uses: [daemonSets],
      across: true,
      desired: (resource, observed) => {
        const namespace = observed.operatorNamespace;
        const wanted = daemonSetOf(resource, namespace);
        const made = observed.find<V1DaemonSet>(daemonSets, wanted.metadata!.name!, namespace);
        return {
          objects: [wanted],
          status: {
            desiredNumberScheduled: made?.status?.desiredNumberScheduled ?? 0,
            numberReady: made?.status?.numberReady ?? 0,
          },
        };
      },
    }),
  ],
};
