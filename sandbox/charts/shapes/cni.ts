import { type ChartShape, value } from "../shape";
import { serviceAccount } from "./common";
import { flatten, hub, image, istioVersion, toleratesEverything, wrapped } from "./istio";

const hostPath = (name: string, path: string, type?: string) => ({
  name,
  hostPath: { path, ...(type === undefined ? {} : { type }) },
});

export const istioCni: ChartShape = {
  chart: "cni",
  versions: { [istioVersion]: istioVersion },
  appVersionOf: (version) => version,
  description: "Recorded shape of Istio's chart cni",
  values: (_, tag) =>
    wrapped({
      cniBinDir: "/opt/cni/bin",
      cniConfDir: "/etc/cni/net.d",
      cniNetnsDir: "/var/run/netns",
      excludeNamespaces: ["kube-system"],
      affinity: {},
      podAnnotations: {},
      podLabels: {},
      chained: true,
      ambient: { enabled: false, dnsCapture: true, ipv6: true },
      repair: { enabled: true, repairPods: true },
      seccompProfile: {},
      resources: { requests: { cpu: "100m", memory: "100Mi" } },
      tolerations: toleratesEverything,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
      terminationGracePeriodSeconds: 30,
      global: { hub, tag, variant: "" },
    }),
  objects: [
    serviceAccount("istio-cni"),
    {
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "istio-cni-config" },
        data: {
          AMBIENT_ENABLED: "raw:{{ .Values.ambient.enabled | quote }}",
          CHAINED_CNI_PLUGIN: "raw:{{ .Values.chained | quote }}",
          REPAIR_ENABLED: "raw:{{ .Values.repair.enabled | quote }}",
        },
      },
    },
  ],
  workloads: [
    {
      kind: "DaemonSet",
      name: "istio-cni-node",
      selector: { "k8s-app": "istio-cni-node" },
      labels: { "istio.io/dataplane-mode": "none", "sidecar.istio.io/inject": "false" },
      podLabels: value(".Values.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      strategy: value(".Values.updateStrategy"),
      pod: {
        serviceAccountName: "istio-cni",
        priorityClassName: "system-node-critical",
        nodeSelector: { "kubernetes.io/os": "linux" },
        affinity: value(".Values.affinity"),
        tolerations: value(".Values.tolerations"),
        terminationGracePeriodSeconds: "raw:{{ .Values.terminationGracePeriodSeconds }}",
        volumes: [
          hostPath("cni-bin-dir", "{{ .Values.cniBinDir }}"),
          hostPath("cni-host-procfs", "/proc", "Directory"),
          hostPath("cni-ztunnel-sock-dir", "/var/run/ztunnel", "DirectoryOrCreate"),
          hostPath("cni-net-dir", "{{ .Values.cniConfDir }}"),
          hostPath("cni-socket-dir", "/var/run/istio-cni"),
          hostPath("cni-netns-dir", "{{ .Values.cniNetnsDir }}", "DirectoryOrCreate"),
        ],
      },
      containers: [
        {
          name: "install-cni",
          image: image("install-cni"),
          resources: value(".Values.resources"),
          securityContext: {
            privileged: false,
            runAsGroup: 0,
            runAsUser: 0,
            runAsNonRoot: false,
            capabilities: { drop: ["ALL"], add: ["NET_ADMIN", "NET_RAW", "SYS_PTRACE", "SYS_ADMIN", "DAC_OVERRIDE"] },
          },
          ports: [{ name: "metrics", containerPort: 15014 }],
          readinessProbe: { httpGet: { path: "/readyz", port: 8000 } },
        },
      ],
    },
  ],
  templates: flatten,
  crds: [],
  crdsFrom: { templates: "false" },
};
