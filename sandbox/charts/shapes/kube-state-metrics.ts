import { type ChartShape, template, value } from "../shape";
import { selectorFor, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';
const selector = selectorFor("kube-state-metrics");

const list = (flag: string, path: string) => `{{- with .Values.${path} }}
- --${flag}={{ . | join "," }}
{{- end }}`;

const args = template(
  () => `- --port={{ .Values.service.port }}
${list("resources", "collectors")}
${list("metric-labels-allowlist", "metricLabelsAllowlist")}
${list("metric-annotations-allowlist", "metricAnnotationsAllowList")}
${list("metric-allowlist", "metricAllowlist")}
${list("metric-denylist", "metricDenylist")}`,
);

const probe = (path: string, port: string) => ({
  httpGet: { path, port, scheme: "HTTP" },
  initialDelaySeconds: 5,
  periodSeconds: 10,
  timeoutSeconds: 5,
  failureThreshold: 3,
});

/** Its role and binding are left out: nothing in the sandbox asks for the metrics. */
export const kubeStateMetrics: ChartShape = {
  chart: "kube-state-metrics",
  versions: { "8.4.0": "2.20.0" },
  // The chart counts apart from the program; without a record the newest known one stands in.
  appVersionOf: () => "2.20.0",
  description: "Recorded shape of kube-state-metrics' chart",
  values: () => ({
    prometheusScrape: true,
    image: { registry: "registry.k8s.io", repository: "kube-state-metrics/kube-state-metrics", tag: "" },
    nameOverride: "",
    fullnameOverride: "",
    replicas: 1,
    revisionHistoryLimit: 10,
    automountServiceAccountToken: true,
    service: { port: 8080, type: "ClusterIP", annotations: {} },
    serviceAccount: { create: true, automountServiceAccountToken: true },
    securityContext: {
      enabled: true,
      runAsGroup: 65534,
      runAsUser: 65534,
      fsGroup: 65534,
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containerSecurityContext: {
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    },
    nodeSelector: {},
    affinity: {},
    tolerations: [],
    topologySpreadConstraints: [],
    podAnnotations: {},
    podLabels: {},
    metricAllowlist: [],
    metricDenylist: [],
    metricLabelsAllowlist: [],
    metricAnnotationsAllowList: [],
    collectors: [
      "certificatesigningrequests",
      "configmaps",
      "cronjobs",
      "daemonsets",
      "deployments",
      "endpointslices",
      "horizontalpodautoscalers",
      "ingresses",
      "jobs",
      "leases",
      "limitranges",
      "mutatingwebhookconfigurations",
      "namespaces",
      "networkpolicies",
      "nodes",
      "persistentvolumeclaims",
      "persistentvolumes",
      "poddisruptionbudgets",
      "pods",
      "replicasets",
      "replicationcontrollers",
      "resourcequotas",
      "secrets",
      "services",
      "statefulsets",
      "storageclasses",
      "validatingwebhookconfigurations",
      "volumeattachments",
    ],
    resources: {},
  }),
  objects: [
    serviceAccount(fullname, ".Values.serviceAccount.create", true),
    {
      manifest: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: fullname },
        spec: {
          type: "raw:{{ .Values.service.type }}",
          selector,
          ports: [{ name: "http", port: "raw:{{ .Values.service.port }}", protocol: "TCP", targetPort: "http" }],
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
      pod: {
        serviceAccountName: fullname,
        automountServiceAccountToken: "raw:{{ .Values.automountServiceAccountToken }}",
        priorityClassName: "{{ .Values.priorityClassName }}",
        securityContext: template(
          (indent) => `{{- omit .Values.securityContext "enabled" | toYaml | nindent ${indent} }}`,
        ),
        nodeSelector: value(".Values.nodeSelector"),
        affinity: value(".Values.affinity"),
        tolerations: value(".Values.tolerations"),
        topologySpreadConstraints: value(".Values.topologySpreadConstraints"),
      },
      containers: [
        {
          name: "kube-state-metrics",
          image:
            '{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag | default (printf "v%s" .Chart.AppVersion) }}',
          args,
          resources: value(".Values.resources"),
          securityContext: value(".Values.containerSecurityContext"),
          ports: [
            { name: "http", containerPort: "raw:{{ .Values.service.port }}" },
            { name: "metrics", containerPort: 8081 },
          ],
          livenessProbe: probe("/livez", "http"),
          readinessProbe: probe("/readyz", "metrics"),
        },
      ],
    },
  ],
  crds: [],
  crdsFrom: { templates: "true" },
};
