import { unquoted } from "../emit";
import { type ChartShape, type CrdShape, value } from "../shape";
import { disruptionBudget, serviceAccount } from "./common";

const name = "elastic-operator";
const selector = { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": "{{ .Release.Name }}" };

function namespaced(
  domain: string,
  kind: string,
  plural: string,
  versions: string[],
  more: Partial<CrdShape> = {},
): CrdShape {
  return { group: `${domain}.k8s.elastic.co`, kind, plural, scope: "Namespaced", versions, ...more };
}

const all = ["get", "list", "watch", "create", "update", "patch", "delete"];
const rules = [
  { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: ["elastic-operator-leader"],
    verbs: ["get", "watch", "update"],
  },
  { apiGroups: [""], resources: ["endpoints"], verbs: ["get", "list", "watch"] },
  {
    apiGroups: [""],
    resources: ["pods", "events", "persistentvolumeclaims", "secrets", "services", "configmaps"],
    verbs: all,
  },
  { apiGroups: ["apps"], resources: ["deployments", "statefulsets", "daemonsets"], verbs: all },
  { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: all },
  {
    apiGroups: ["elasticsearch.k8s.elastic.co"],
    resources: ["elasticsearches", "elasticsearches/status", "elasticsearches/finalizers"],
    verbs: all.slice(0, -1),
  },
  {
    apiGroups: ["kibana.k8s.elastic.co"],
    resources: ["kibanas", "kibanas/status", "kibanas/finalizers"],
    verbs: all.slice(0, -1),
  },
];

/** In its own namespace and in those that it manages, or in the whole cluster. */
const permissions = `{{- $rules := \`${JSON.stringify(rules)}\` | fromJsonArray }}
{{- $release := .Release }}
{{- $kind := ternary "ClusterRole" "Role" .Values.createClusterScopedResources }}
{{- range ternary (list "") (append .Values.managedNamespaces .Release.Namespace | uniq) .Values.createClusterScopedResources }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}
metadata:
  name: ${name}
  {{- with . }}
  namespace: {{ . }}
  {{- end }}
rules:
  {{- toYaml $rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}Binding
metadata:
  name: ${name}
  {{- with . }}
  namespace: {{ . }}
  {{- end }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $kind }}
  name: ${name}
subjects:
  - { kind: ServiceAccount, name: ${name}, namespace: {{ $release.Namespace }} }
{{- end }}
`;

/** What the real chart refuses as well. */
const checks = `{{- if not .Values.createClusterScopedResources }}
{{- if .Values.webhook.enabled }}
{{- fail "Webhook cannot be enabled when cluster-scoped resource creation is disabled" }}
{{- end }}
{{- if .Values.config.validateStorageClass }}
{{- fail "Storage class validation cannot be enabled when cluster-scoped resource creation is disabled" }}
{{- end }}
{{- end }}
`;

export const elasticOperator: ChartShape = {
  chart: "eck-operator",
  versions: { "3.5.0": "3.5.0" },
  appVersionOf: (version) => version,
  kubeVersion: ">=1.21.0-0",
  description: "Recorded shape of the chart of Elastic's operator",
  values: () => ({
    nameOverride: name,
    fullnameOverride: name,
    managedNamespaces: [],
    installCRDs: true,
    replicaCount: 1,
    image: { repository: "docker.elastic.co/eck/eck-operator", pullPolicy: "IfNotPresent", tag: null },
    priorityClassName: "",
    resources: { limits: { cpu: 1, memory: "1Gi" }, requests: { cpu: "100m", memory: "150Mi" } },
    podAnnotations: {},
    podLabels: {},
    podSecurityContext: { runAsNonRoot: true },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    },
    nodeSelector: {},
    tolerations: [],
    affinity: {},
    podDisruptionBudget: { enabled: false, minAvailable: 1 },
    createClusterScopedResources: true,
    automountServiceAccountToken: true,
    serviceAccount: { create: true, automountServiceAccountToken: true, annotations: {}, name: "" },
    webhook: { enabled: true, port: 9443 },
    telemetry: { disabled: false },
    config: { validateStorageClass: true, metrics: { port: "0" } },
  }),
  objects: [
    serviceAccount(name, ".Values.serviceAccount.create", true),
    {
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name },
        data: {
          "eck.yaml":
            '{{ dict "operator-namespace" .Release.Namespace "namespaces" .Values.managedNamespaces ' +
            '"enable-webhook" .Values.webhook.enabled "disable-telemetry" .Values.telemetry.disabled | toJson }}',
        },
      },
    },
    disruptionBudget(name, selector, ".Values.podDisruptionBudget.enabled", {
      minAvailable: unquoted("{{ .Values.podDisruptionBudget.minAvailable }}"),
    }),
  ],
  templates: { "permissions.yaml": permissions, "validate-chart.yaml": checks },
  workloads: [
    {
      kind: "StatefulSet",
      name,
      replicas: ".Values.replicaCount",
      selector,
      podLabels: value(".Values.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      pod: {
        serviceAccountName: name,
        automountServiceAccountToken: unquoted("{{ .Values.automountServiceAccountToken }}"),
        securityContext: value(".Values.podSecurityContext"),
        priorityClassName: value(".Values.priorityClassName"),
        nodeSelector: value(".Values.nodeSelector"),
        tolerations: value(".Values.tolerations"),
        affinity: value(".Values.affinity"),
        terminationGracePeriodSeconds: 10,
      },
      containers: [
        {
          name: "manager",
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}",
          args: ["manager", "--config=/conf/eck.yaml"],
          // The real chart has it only where its values name a port, as ours do.
          ports: [{ name: "metrics", containerPort: "raw:{{ .Values.config.metrics.port }}" }],
          resources: value(".Values.resources"),
          securityContext: value(".Values.securityContext"),
        },
      ],
    },
  ],
  crds: [
    namespaced("agent", "Agent", "agents", ["v1alpha1"]),
    namespaced("apm", "ApmServer", "apmservers", ["v1", "v1beta1", "v1alpha1"]),
    namespaced("autoops", "AutoOpsAgentPolicy", "autoopsagentpolicies", ["v1alpha1"]),
    namespaced("beat", "Beat", "beats", ["v1beta1"]),
    namespaced("maps", "ElasticMapsServer", "elasticmapsservers", ["v1alpha1"]),
    namespaced("autoscaling", "ElasticsearchAutoscaler", "elasticsearchautoscalers", ["v1alpha1"]),
    namespaced("elasticsearch", "Elasticsearch", "elasticsearches", ["v1", "v1beta1", "v1alpha1"]),
    namespaced("enterprisesearch", "EnterpriseSearch", "enterprisesearches", ["v1", "v1beta1"]),
    namespaced("kibana", "Kibana", "kibanas", ["v1", "v1beta1", "v1alpha1"], {
      scale: {
        specReplicasPath: ".spec.count",
        statusReplicasPath: ".status.count",
        labelSelectorPath: ".status.selector",
      },
    }),
    namespaced("logstash", "Logstash", "logstashes", ["v1alpha1"]),
    namespaced("packageregistry", "PackageRegistry", "packageregistries", ["v1alpha1"]),
    namespaced("stackconfigpolicy", "StackConfigPolicy", "stackconfigpolicies", ["v1alpha1"]),
  ],
  crdsFrom: { templates: ".Values.installCRDs" },
};
