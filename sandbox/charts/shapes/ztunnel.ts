import { type ChartShape, value } from "../shape";
import { serviceAccount } from "./common";
import { flatten, hub, istioVersion, toleratesEverything, wrapped } from "./istio";

export const ztunnel: ChartShape = {
  chart: "ztunnel",
  versions: { [istioVersion]: istioVersion },
  appVersionOf: (version) => version,
  description: "Recorded shape of Istio's chart ztunnel",
  values: (_, tag) =>
    wrapped({
      hub,
      tag,
      variant: "",
      image: "ztunnel",
      labels: {},
      tolerations: toleratesEverything,
      podAnnotations: { "prometheus.io/port": "15020", "prometheus.io/scrape": "true" },
      podLabels: {},
      resources: { requests: { cpu: "200m", memory: "512Mi" } },
      terminationGracePeriodSeconds: 30,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    }),
  objects: [serviceAccount("ztunnel")],
  workloads: [
    {
      kind: "DaemonSet",
      name: "ztunnel",
      selector: { app: "ztunnel" },
      labels: {
        "app.kubernetes.io/name": "ztunnel",
        "istio.io/dataplane-mode": "none",
        "sidecar.istio.io/inject": "false",
      },
      podLabels: value(".Values.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      strategy: value(".Values.updateStrategy"),
      pod: {
        serviceAccountName: "ztunnel",
        priorityClassName: "system-node-critical",
        nodeSelector: { "kubernetes.io/os": "linux" },
        tolerations: value(".Values.tolerations"),
        terminationGracePeriodSeconds: "raw:{{ .Values.terminationGracePeriodSeconds }}",
        volumes: [
          { name: "cni-ztunnel-sock-dir", hostPath: { path: "/var/run/ztunnel", type: "DirectoryOrCreate" } },
          { name: "tmp", emptyDir: {} },
        ],
      },
      containers: [
        {
          name: "istio-proxy",
          image: "{{ .Values.hub }}/{{ .Values.image }}:{{ .Values.tag }}{{ with .Values.variant }}-{{ . }}{{ end }}",
          args: ["proxy", "ztunnel"],
          resources: value(".Values.resources"),
          securityContext: {
            allowPrivilegeEscalation: true,
            privileged: false,
            capabilities: { drop: ["ALL"], add: ["NET_ADMIN", "SYS_ADMIN", "NET_RAW"] },
            readOnlyRootFilesystem: true,
            runAsGroup: 1337,
            runAsNonRoot: false,
            runAsUser: 0,
          },
          ports: [{ name: "ztunnel-stats", containerPort: 15020 }],
          readinessProbe: { httpGet: { path: "/healthz/ready", port: 15021 } },
        },
      ],
    },
  ],
  templates: flatten,
  crds: [],
  crdsFrom: { templates: "false" },
};
