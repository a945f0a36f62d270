import { type ChartShape, template, value } from "../shape";
import { selectorFor, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';
const selector = selectorFor("prometheus-node-exporter");

const args = template(
  (indent) => `- --path.procfs=/host/proc
- --path.sysfs=/host/sys
{{- if .Values.hostRootFsMount.enabled }}
- --path.rootfs=/host/root
- --path.udev.data=/host/root/run/udev/data
{{- end }}
- --web.listen-address=[$(HOST_IP)]:{{ .Values.service.port }}
{{- with .Values.extraArgs }}
{{- toYaml . | nindent ${indent} }}
{{- end }}`,
);

const env = template(
  () => `- name: HOST_IP
  {{- if .Values.service.listenOnAllInterfaces }}
  value: 0.0.0.0
  {{- else }}
  valueFrom:
    fieldRef:
      apiVersion: v1
      fieldPath: status.hostIP
  {{- end }}`,
);

const volumes = template(
  () => `- name: proc
  hostPath:
    path: /proc
- name: sys
  hostPath:
    path: /sys
{{- if .Values.hostRootFsMount.enabled }}
- name: root
  hostPath:
    path: /
{{- end }}`,
);

const probe = (kind: "liveness" | "readiness") => ({
  httpGet: { path: "/", port: "metrics", scheme: "HTTP" },
  periodSeconds: 10,
  failureThreshold: `raw:{{ .Values.${kind}Probe.failureThreshold }}`,
});

export const nodeExporter: ChartShape = {
  chart: "prometheus-node-exporter",
  versions: { "4.56.1": "1.12.1" },
  // The chart counts apart from the program; without a record the newest known one stands in.
  appVersionOf: () => "1.12.1",
  description: "Recorded shape of node-exporter's chart",
  values: () => ({
    image: { registry: "quay.io", repository: "prometheus/node-exporter", tag: "" },
    nameOverride: "",
    fullnameOverride: "",
    revisionHistoryLimit: 10,
    service: {
      enabled: true,
      type: "ClusterIP",
      port: 9100,
      portName: "metrics",
      listenOnAllInterfaces: true,
      annotations: { "prometheus.io/scrape": "true" },
    },
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
    resources: {},
    serviceAccount: { create: true, annotations: {}, automountServiceAccountToken: false },
    securityContext: { fsGroup: 65534, runAsGroup: 65534, runAsNonRoot: true, runAsUser: 65534 },
    containerSecurityContext: { readOnlyRootFilesystem: true },
    hostNetwork: true,
    hostPID: true,
    hostRootFsMount: { enabled: true, mountPropagation: "HostToContainer" },
    podAnnotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "true" },
    podLabels: {},
    nodeSelector: { "kubernetes.io/os": "linux" },
    tolerations: [{ effect: "NoSchedule", operator: "Exists" }],
    extraArgs: [],
    livenessProbe: { failureThreshold: 3 },
    readinessProbe: { failureThreshold: 3 },
  }),
  objects: [
    serviceAccount(fullname, ".Values.serviceAccount.create", false),
    {
      when: ".Values.service.enabled",
      manifest: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: fullname },
        spec: {
          type: "raw:{{ .Values.service.type }}",
          selector,
          ports: [{ name: "metrics", port: "raw:{{ .Values.service.port }}", protocol: "TCP", targetPort: "metrics" }],
        },
      },
    },
  ],
  workloads: [
    {
      kind: "DaemonSet",
      name: fullname,
      selector,
      podLabels: value(".Values.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      strategy: value(".Values.updateStrategy"),
      pod: {
        serviceAccountName: fullname,
        automountServiceAccountToken: false,
        hostNetwork: "raw:{{ .Values.hostNetwork }}",
        hostPID: "raw:{{ .Values.hostPID }}",
        priorityClassName: "{{ .Values.priorityClassName }}",
        securityContext: value(".Values.securityContext"),
        nodeSelector: value(".Values.nodeSelector"),
        tolerations: value(".Values.tolerations"),
        volumes,
      },
      containers: [
        {
          name: "node-exporter",
          image:
            '{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag | default (printf "v%s" .Chart.AppVersion) }}',
          args,
          env,
          resources: value(".Values.resources"),
          securityContext: value(".Values.containerSecurityContext"),
          ports: [
            {
              name: "{{ .Values.service.portName }}",
              containerPort: "raw:{{ .Values.service.port }}",
              protocol: "TCP",
            },
          ],
          livenessProbe: probe("liveness"),
          readinessProbe: probe("readiness"),
        },
      ],
    },
  ],
  crds: [],
  crdsFrom: { templates: "true" },
};
