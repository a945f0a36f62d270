import { type ChartShape, type CrdShape, value } from "../shape";
import { selectorFor, service, serviceAccount } from "./common";

const chart = "altinity-clickhouse-operator";
const fullname = '{{ include "fullname" . }}';
const selector = selectorFor(chart);

function definition(kind: string, plural: string, group = "clickhouse.altinity.com"): CrdShape {
  return { group, kind, plural, scope: "Namespaced", versions: ["v1"] };
}

const fromField = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/** What both programs are told of their pod; the container's own figures are left out. */
const env = [
  fromField("OPERATOR_POD_NODE_NAME", "spec.nodeName"),
  fromField("OPERATOR_POD_NAME", "metadata.name"),
  fromField("OPERATOR_POD_NAMESPACE", "metadata.namespace"),
  fromField("OPERATOR_POD_IP", "status.podIP"),
  fromField("OPERATOR_POD_SERVICE_ACCOUNT", "spec.serviceAccountName"),
];

/** Rights in every namespace, Secrets with them; `namespaceScoped` keeps them in the release's own. */
const permissions = `{{- if .Values.rbac.create }}
{{- $kind := ternary "Role" "ClusterRole" .Values.rbac.namespaceScoped }}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}
metadata:
  name: {{ include "fullname" . }}
  {{- if .Values.rbac.namespaceScoped }}
  namespace: {{ .Release.Namespace }}
  {{- end }}
  labels:
    app.kubernetes.io/name: ${chart}
    app.kubernetes.io/instance: {{ .Release.Name }}
rules:
  - apiGroups: [""]
    resources: [configmaps, services, persistentvolumeclaims, secrets]
    verbs: [get, list, patch, update, watch, create, delete]
  - apiGroups: [""]
    resources: [pods]
    verbs: [get, list, patch, update, watch, delete]
  - apiGroups: [apps]
    resources: [statefulsets]
    verbs: [get, list, patch, update, watch, create, delete]
  - apiGroups: [policy]
    resources: [poddisruptionbudgets]
    verbs: [get, list, patch, update, watch, create, delete]
  - apiGroups: [clickhouse.altinity.com]
    resources: [clickhouseinstallations]
    verbs: [get, list, watch, patch, update, delete]
  - apiGroups: [clickhouse-keeper.altinity.com]
    resources: [clickhousekeeperinstallations]
    verbs: [get, list, watch, patch, update, delete]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}Binding
metadata:
  name: {{ include "fullname" . }}
  {{- if .Values.rbac.namespaceScoped }}
  namespace: {{ .Release.Namespace }}
  {{- end }}
  labels:
    app.kubernetes.io/name: ${chart}
    app.kubernetes.io/instance: {{ .Release.Name }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $kind }}
  name: {{ include "fullname" . }}
subjects:
  - kind: ServiceAccount
    name: {{ include "fullname" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}
`;

/** Without the hook that applies the definitions: its image is gone, and the program switches it off. */
export const clickhouseOperator: ChartShape = {
  chart,
  versions: { "0.25.6": "0.25.6" },
  appVersionOf: (version) => version,
  description: "Recorded shape of the chart of Altinity's operator for ClickHouse",
  values: () => ({
    nameOverride: "",
    fullnameOverride: "",
    crdHook: { enabled: true, image: { repository: "bitnami/kubectl", tag: "latest", pullPolicy: "IfNotPresent" } },
    deployment: { strategy: { type: "Recreate" } },
    operator: {
      image: { repository: "altinity/clickhouse-operator", tag: "", pullPolicy: "IfNotPresent" },
      containerSecurityContext: {},
      resources: {},
      priorityClassName: "",
      env: [],
    },
    metrics: {
      enabled: true,
      image: { repository: "altinity/metrics-exporter", tag: "", pullPolicy: "IfNotPresent" },
      containerSecurityContext: {},
      resources: {},
      env: [],
    },
    podLabels: {},
    podAnnotations: {
      "prometheus.io/port": "8888",
      "prometheus.io/scrape": "true",
      "clickhouse-operator-metrics/port": "9999",
      "clickhouse-operator-metrics/scrape": "true",
    },
    serviceAccount: { create: true },
    rbac: { create: true, namespaceScoped: false },
    secret: { create: true, username: "clickhouse_operator", password: "clickhouse_operator_password" },
    nodeSelector: {},
    tolerations: [],
    affinity: {},
    podSecurityContext: {},
    topologySpreadConstraints: [],
    configs: {
      files: {
        "config.yaml": {
          watch: { namespaces: [] },
          clickhouse: {
            access: {
              scheme: "auto",
              username: "",
              password: "",
              rootCA: "",
              secret: { namespace: "", name: '{{ include "altinity-clickhouse-operator.fullname" . }}' },
              port: 8123,
            },
          },
        },
      },
    },
  }),
  objects: [
    serviceAccount(fullname, ".Values.serviceAccount.create"),
    {
      when: ".Values.secret.create",
      manifest: {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: fullname },
        type: "Opaque",
        data: {
          username: "{{ .Values.secret.username | b64enc }}",
          password: "{{ .Values.secret.password | b64enc }}",
        },
      },
    },
    {
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: `${fullname}-files` },
        data: { "config.yaml": '{{ index .Values.configs.files "config.yaml" | toJson }}' },
      },
    },
    service(`${fullname}-metrics`, selector, [
      { name: "ch-metrics", port: 8888, targetPort: 8888 },
      { name: "op-metrics", port: 9999, targetPort: 9999 },
    ]),
  ],
  templates: { "permissions.yaml": permissions },
  workloads: [
    {
      kind: "Deployment",
      name: fullname,
      replicas: 1,
      selector,
      podLabels: value(".Values.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      strategy: value(".Values.deployment.strategy"),
      pod: {
        serviceAccountName: fullname,
        securityContext: value(".Values.podSecurityContext"),
        priorityClassName: value(".Values.operator.priorityClassName"),
        nodeSelector: value(".Values.nodeSelector"),
        tolerations: value(".Values.tolerations"),
        affinity: value(".Values.affinity"),
        topologySpreadConstraints: value(".Values.topologySpreadConstraints"),
      },
      containers: [
        {
          name: chart,
          image: "{{ .Values.operator.image.repository }}:{{ .Values.operator.image.tag | default .Chart.AppVersion }}",
          resources: value(".Values.operator.resources"),
          securityContext: value(".Values.operator.containerSecurityContext"),
          env: value(".Values.operator.env", env),
          ports: [{ name: "op-metrics", containerPort: 9999 }],
        },
        {
          name: "metrics-exporter",
          image: "{{ .Values.metrics.image.repository }}:{{ .Values.metrics.image.tag | default .Chart.AppVersion }}",
          resources: value(".Values.metrics.resources"),
          securityContext: value(".Values.metrics.containerSecurityContext"),
          env: value(".Values.metrics.env", env),
          ports: [{ name: "ch-metrics", containerPort: 8888 }],
        },
      ],
    },
  ],
  crds: [
    definition("ClickHouseInstallation", "clickhouseinstallations"),
    definition("ClickHouseInstallationTemplate", "clickhouseinstallationtemplates"),
    definition("ClickHouseOperatorConfiguration", "clickhouseoperatorconfigurations"),
    definition("ClickHouseKeeperInstallation", "clickhousekeeperinstallations", "clickhouse-keeper.altinity.com"),
  ],
  crdsFrom: { folder: true },
};
