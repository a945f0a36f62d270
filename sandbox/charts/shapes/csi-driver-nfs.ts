import { type ChartShape, type ContainerShape, value } from "../shape";
import { serviceAccount } from "./common";

const tags: Record<string, string> = {
  csiProvisioner: "/sig-storage/csi-provisioner:v6.3.0",
  csiResizer: "/sig-storage/csi-resizer:v2.2.0",
  csiSnapshotter: "/sig-storage/csi-snapshotter:v8.6.0",
  livenessProbe: "/sig-storage/livenessprobe:v2.19.0",
  nodeDriverRegistrar: "/sig-storage/csi-node-driver-registrar:v2.17.0",
};

const images = Object.fromEntries(
  Object.entries(tags).map(([key, image]) => {
    const [repository, tag] = image.split(":");
    return [key, { repository, tag, pullPolicy: "IfNotPresent" }];
  }),
);

const request = { cpu: "10m", memory: "20Mi" };
const bounded = (memory: string) => ({ limits: { memory }, requests: request });

function sidecar(role: "controller" | "node", key: string, name: string): ContainerShape {
  return {
    name,
    image: `{{ .Values.image.baseRepo }}{{ .Values.image.${key}.repository }}:{{ .Values.image.${key}.tag }}`,
    resources: value(`.Values.${role}.resources.${key}`),
    securityContext: { capabilities: { drop: ["ALL"] } },
  };
}

function driver(role: "controller" | "node"): ContainerShape {
  return {
    name: "nfs",
    image: "{{ .Values.image.nfs.repository }}:{{ .Values.image.nfs.tag }}",
    resources: value(`.Values.${role}.resources.nfs`),
    securityContext: {
      privileged: true,
      capabilities: { add: ["SYS_ADMIN"], drop: ["ALL"] },
      allowPrivilegeEscalation: true,
    },
  };
}

const hostPath = (name: string, path: string, type: string) => ({ name, hostPath: { path, type } });

function podFor(role: "controller" | "node") {
  return {
    // Original VM-level connectivity: a mount must outlive the driver's pod.
    hostNetwork: true,
    dnsPolicy: `{{ .Values.${role}.dnsPolicy }}`,
    serviceAccountName: `{{ .Values.serviceAccount.${role} }}`,
    nodeSelector: value(`.Values.${role}.nodeSelector`),
    affinity: value(`.Values.${role}.affinity`),
    priorityClassName: value(`.Values.${role}.priorityClassName`),
    tolerations: value(`.Values.${role}.tolerations`),
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    volumes: [hostPath("pods-mount-dir", "{{ .Values.kubeletDir }}/pods", "Directory")],
  };
}

export const nfsCsi: ChartShape = {
  chart: "csi-driver-nfs",
  versions: { "4.13.4": "4.13.4" },
  appVersionOf: (version) => version,
  description: "Recorded shape of the NFS CSI driver's chart",
  values: (version) => ({
    image: {
      baseRepo: "registry.k8s.io",
      nfs: { repository: "registry.k8s.io/sig-storage/nfsplugin", tag: `v${version}`, pullPolicy: "IfNotPresent" },
      ...images,
    },
    serviceAccount: { create: true, controller: "csi-nfs-controller-sa", node: "csi-nfs-node-sa" },
    driver: { name: "nfs.csi.k8s.io", mountPermissions: 0 },
    feature: { enableFSGroupPolicy: true, enableInlineVolume: false },
    kubeletDir: "/var/lib/kubelet",
    controller: {
      name: "csi-nfs-controller",
      replicas: 1,
      strategyType: "Recreate",
      enableSnapshotter: true,
      dnsPolicy: "ClusterFirstWithHostNet",
      affinity: {},
      nodeSelector: {},
      priorityClassName: "system-cluster-critical",
      tolerations: [
        { key: "node-role.kubernetes.io/master", operator: "Exists", effect: "NoSchedule" },
        { key: "node-role.kubernetes.io/controlplane", operator: "Exists", effect: "NoSchedule" },
        { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
        { key: "CriticalAddonsOnly", operator: "Exists", effect: "NoSchedule" },
      ],
      resources: {
        csiProvisioner: bounded("400Mi"),
        csiResizer: bounded("400Mi"),
        csiSnapshotter: bounded("200Mi"),
        livenessProbe: bounded("100Mi"),
        nfs: bounded("200Mi"),
      },
    },
    node: {
      name: "csi-nfs-node",
      dnsPolicy: "ClusterFirstWithHostNet",
      maxUnavailable: 1,
      affinity: {},
      nodeSelector: {},
      priorityClassName: "system-cluster-critical",
      tolerations: [{ operator: "Exists" }],
      resources: {
        livenessProbe: bounded("100Mi"),
        nodeDriverRegistrar: bounded("100Mi"),
        nfs: bounded("300Mi"),
      },
    },
    storageClass: { create: false },
  }),
  objects: [
    serviceAccount("{{ .Values.serviceAccount.controller }}", ".Values.serviceAccount.create"),
    serviceAccount("{{ .Values.serviceAccount.node }}", ".Values.serviceAccount.create"),
    {
      manifest: {
        apiVersion: "storage.k8s.io/v1",
        kind: "CSIDriver",
        metadata: { name: "{{ .Values.driver.name }}" },
        spec: { attachRequired: false, volumeLifecycleModes: ["Persistent"], fsGroupPolicy: "File" },
      },
    },
  ],
  workloads: [true, false]
    .map((snapshotter): ChartShape["workloads"][number] => ({
      when: snapshotter ? ".Values.controller.enableSnapshotter" : "not .Values.controller.enableSnapshotter",
      kind: "Deployment",
      name: "{{ .Values.controller.name }}",
      replicas: ".Values.controller.replicas",
      selector: { app: "csi-nfs-controller" },
      strategy: { type: "{{ .Values.controller.strategyType }}" },
      pod: podFor("controller"),
      containers: [
        sidecar("controller", "csiProvisioner", "csi-provisioner"),
        sidecar("controller", "csiResizer", "csi-resizer"),
        ...(snapshotter ? [sidecar("controller", "csiSnapshotter", "csi-snapshotter")] : []),
        sidecar("controller", "livenessProbe", "liveness-probe"),
        driver("controller"),
      ],
    }))
    .concat({
      kind: "DaemonSet",
      name: "{{ .Values.node.name }}",
      selector: { app: "csi-nfs-node" },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "raw:{{ .Values.node.maxUnavailable }}" } },
      pod: podFor("node"),
      containers: [
        sidecar("node", "livenessProbe", "liveness-probe"),
        sidecar("node", "nodeDriverRegistrar", "node-driver-registrar"),
        driver("node"),
      ],
    }),
  crds: [],
  crdsFrom: { templates: "true" },
};
