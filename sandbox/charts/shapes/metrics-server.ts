import { type ChartShape, template, value } from "../shape";
import { selectorFor, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';
const selector = selectorFor("metrics-server");

const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 1000,
  seccompProfile: { type: "RuntimeDefault" },
  capabilities: { drop: ["ALL"] },
};

const probe = (path: string, more: object) => ({
  httpGet: { path, port: "https", scheme: "HTTPS" },
  periodSeconds: 10,
  failureThreshold: 3,
  ...more,
});

const args = template(
  (indent) => `- {{ printf "--secure-port=%d" (int .Values.containerPort) }}
{{- with .Values.defaultArgs }}
{{- toYaml . | nindent ${indent} }}
{{- end }}
{{- with .Values.args }}
{{- toYaml . | nindent ${indent} }}
{{- end }}`,
);

export const metricsServer: ChartShape = {
  chart: "metrics-server",
  versions: { "3.13.1": "0.8.1" },
  // The chart counts apart from the program; without a record the newest known one stands in.
  appVersionOf: () => "0.8.1",
  description: "Recorded shape of metrics-server's chart",
  values: () => ({
    image: { repository: "registry.k8s.io/metrics-server/metrics-server", tag: "", pullPolicy: "IfNotPresent" },
    nameOverride: "",
    fullnameOverride: "",
    serviceAccount: { create: true, name: "" },
    apiService: { create: true, annotations: {}, insecureSkipTLSVerify: true, caBundle: "" },
    podLabels: {},
    podAnnotations: {},
    podSecurityContext: {},
    securityContext: restricted,
    priorityClassName: "system-cluster-critical",
    containerPort: 10250,
    hostNetwork: { enabled: false },
    replicas: 1,
    updateStrategy: {},
    podDisruptionBudget: {
      enabled: false,
      minAvailable: null,
      maxUnavailable: null,
      unhealthyPodEvictionPolicy: null,
    },
    defaultArgs: [
      "--cert-dir=/tmp",
      "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
      "--kubelet-use-node-status-port",
      "--metric-resolution=15s",
    ],
    args: [],
    service: { type: "ClusterIP", port: 443, annotations: {}, labels: {} },
    resources: { requests: { cpu: "100m", memory: "200Mi" } },
    nodeSelector: {},
    tolerations: [],
    affinity: {},
    topologySpreadConstraints: [],
    tmpVolume: { emptyDir: {} },
  }),
  objects: [
    serviceAccount(fullname, ".Values.serviceAccount.create"),
    {
      manifest: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: fullname },
        spec: {
          type: "raw:{{ .Values.service.type }}",
          selector,
          ports: [{ name: "https", port: "raw:{{ .Values.service.port }}", protocol: "TCP", targetPort: "https" }],
        },
      },
    },
    {
      when: ".Values.apiService.create",
      manifest: {
        apiVersion: "apiregistration.k8s.io/v1",
        kind: "APIService",
        metadata: { name: "v1beta1.metrics.k8s.io" },
        spec: {
          group: "metrics.k8s.io",
          groupPriorityMinimum: 100,
          insecureSkipTLSVerify: "raw:{{ .Values.apiService.insecureSkipTLSVerify }}",
          service: {
            name: fullname,
            namespace: "{{ .Release.Namespace }}",
            port: "raw:{{ .Values.service.port }}",
          },
          version: "v1beta1",
          versionPriority: 100,
        },
      },
    },
    {
      when: ".Values.podDisruptionBudget.enabled",
      manifest: {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: { name: fullname },
        spec: {
          minAvailable: value(".Values.podDisruptionBudget.minAvailable"),
          maxUnavailable: value(".Values.podDisruptionBudget.maxUnavailable"),
          selector: { matchLabels: selector },
        },
      },
    },
  ],
  workloads: [
    {
      kind: "Deployment",
      name: fullname,
      replicas: ".Values.replicas",
      selector,
      podLabels: value(".Values.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      strategy: value(".Values.updateStrategy"),
      pod: {
        serviceAccountName: fullname,
        priorityClassName: value(".Values.priorityClassName"),
        securityContext: value(".Values.podSecurityContext"),
        nodeSelector: value(".Values.nodeSelector"),
        affinity: value(".Values.affinity"),
        tolerations: value(".Values.tolerations"),
        topologySpreadConstraints: value(".Values.topologySpreadConstraints"),
        volumes: template(
          (indent) => `- name: tmp
  {{- toYaml .Values.tmpVolume | nindent ${indent + 2} }}`,
        ),
      },
      containers: [
        {
          name: "metrics-server",
          image: '{{ .Values.image.repository }}:{{ .Values.image.tag | default (printf "v%s" .Chart.AppVersion) }}',
          args,
          resources: value(".Values.resources"),
          securityContext: value(".Values.securityContext"),
          ports: [{ name: "https", containerPort: 10250 }],
          livenessProbe: probe("/livez", { initialDelaySeconds: 0 }),
          readinessProbe: probe("/readyz", { initialDelaySeconds: 20 }),
        },
      ],
    },
  ],
  crds: [],
  crdsFrom: { templates: "true" },
};
