import { type ChartShape, type CrdShape, template, value } from "../shape";
import { serviceAccount } from "./common";

const group = "monitoring.coreos.com";
const operator = ".Values.prometheusOperator";
/** The chart's names are cut off: what it makes of them has to fit into a label. */
const fullname = '{{ include "fullname" . | trunc 26 | trimSuffix "-" }}';
const name = `${fullname}-operator`;
const selector = { app: "kube-prometheus-stack-operator", release: "{{ .Release.Name }}" };

function crd(kind: string, plural: string, shortName: string, more: Partial<CrdShape> = {}): CrdShape {
  const rest = { scope: "Namespaced" as const, versions: ["v1"], categories: ["prometheus-operator"] };
  return { group, kind, plural, shortNames: [shortName], ...rest, ...more };
}

const scaled = (replicas: string) => ({
  specReplicasPath: `.spec.${replicas}`,
  statusReplicasPath: `.status.${replicas}`,
  labelSelectorPath: ".status.selector",
});

const args = template(
  (indent) => `{{- with ${operator} }}
{{- if .kubeletService.enabled }}
- --kubelet-service={{ .kubeletService.namespace }}/{{ .kubeletService.name | default (printf "%s-kubelet" (include "fullname" $)) }}
{{- end }}
- --kubelet-endpoints={{ .kubeletEndpointsEnabled }}
- --kubelet-endpointslice={{ .kubeletEndpointSliceEnabled }}
- --localhost=127.0.0.1
- --prometheus-config-reloader={{ .prometheusConfigReloader.image.registry }}/{{ .prometheusConfigReloader.image.repository }}:{{ .prometheusConfigReloader.image.tag | default $.Chart.AppVersion }}
- --config-reloader-cpu-request={{ (((.prometheusConfigReloader.resources).requests).cpu) | default 0 }}
- --config-reloader-cpu-limit={{ (((.prometheusConfigReloader.resources).limits).cpu) | default 0 }}
- --config-reloader-memory-request={{ (((.prometheusConfigReloader.resources).requests).memory) | default 0 }}
- --config-reloader-memory-limit={{ (((.prometheusConfigReloader.resources).limits).memory) | default 0 }}
{{- with .alertmanagerInstanceNamespaces }}
- --alertmanager-instance-namespaces={{ . | join "," }}
{{- end }}
{{- with .alertmanagerConfigNamespaces }}
- --alertmanager-config-namespaces={{ . | join "," }}
{{- end }}
{{- with .prometheusInstanceNamespaces }}
- --prometheus-instance-namespaces={{ . | join "," }}
{{- end }}
{{- with .thanosRulerInstanceNamespaces }}
- --thanos-ruler-instance-namespaces={{ . | join "," }}
{{- end }}
- --web.enable-tls={{ .tls.enabled }}
- --web.listen-address=:{{ .tls.enabled | ternary .tls.internalPort 8080 }}
{{- with .extraArgs }}
{{- toYaml . | nindent ${indent} }}
{{- end }}
{{- end }}`,
);

const off = { enabled: true };
const rule = (apiGroups: string[], resources: string[], verbs: string[]) => ({ apiGroups, resources, verbs });
const withStatus = (plural: string) => [plural, `${plural}/status`];
const servers = (plural: string) => [plural, `${plural}/finalizers`, `${plural}/status`];

/** As the chart has it for all namespaces: the operator watches all of them. */
const rules = [
  rule(
    [group],
    [
      ...["alertmanagers", "prometheuses", "prometheusagents", "thanosrulers"].flatMap(servers),
      "alertmanagerconfigs",
      ...["scrapeconfigs", "servicemonitors", "podmonitors", "probes", "prometheusrules"].flatMap(withStatus),
    ],
    ["*"],
  ),
  rule(["apps"], ["statefulsets"], ["*"]),
  rule([""], ["configmaps", "secrets"], ["*"]),
  rule([""], ["pods"], ["list", "delete"]),
  rule([""], ["services", "services/finalizers", "endpoints"], ["get", "create", "update", "delete"]),
  rule([""], ["nodes"], ["list", "watch"]),
  rule([""], ["namespaces"], ["get", "list", "watch"]),
  rule(["", "events.k8s.io"], ["events"], ["patch", "create"]),
  rule(["networking.k8s.io"], ["ingresses"], ["get", "list", "watch"]),
  rule(["storage.k8s.io"], ["storageclasses"], ["get"]),
  rule(["discovery.k8s.io"], ["endpointslices"], ["get", "create", "list", "watch", "update", "delete"]),
];

const probe = (kind: "liveness" | "readiness") => ({
  httpGet: { path: "/healthz", port: "http", scheme: "HTTP" },
  periodSeconds: 10,
  failureThreshold: `raw:{{ ${operator}.${kind}Probe.failureThreshold }}`,
});

/**
 * The operator alone, without webhook and TLS: the chart's other parts are switched off by our values, and what they
 * would be made of is not recorded.
 */
export const kubePrometheusStack: ChartShape = {
  chart: "kube-prometheus-stack",
  versions: { "88.5.3": "v0.93.1" },
  // The chart counts apart from the program; without a record the newest known one stands in.
  appVersionOf: () => "v0.93.1",
  kubeVersion: ">=1.25.0-0",
  description: "Recorded shape of kube-prometheus-stack, its operator alone",
  values: () => ({
    nameOverride: "",
    fullnameOverride: "",
    defaultRules: { create: true },
    alertmanager: off,
    grafana: { ...off, forceDeployDashboards: false, forceDeployDatasources: false },
    kubernetesServiceMonitors: off,
    kubeApiServer: off,
    kubelet: off,
    kubeControllerManager: off,
    coreDns: off,
    kubeDns: { enabled: false },
    kubeEtcd: off,
    kubeScheduler: off,
    kubeProxy: off,
    kubeStateMetrics: off,
    nodeExporter: off,
    prometheus: off,
    thanosRuler: { enabled: false },
    prometheusOperator: {
      enabled: true,
      revisionHistoryLimit: 10,
      tls: { enabled: true, internalPort: 10250 },
      admissionWebhooks: { enabled: true },
      alertmanagerInstanceNamespaces: [],
      alertmanagerConfigNamespaces: [],
      prometheusInstanceNamespaces: [],
      thanosRulerInstanceNamespaces: [],
      serviceAccount: { create: true, automountServiceAccountToken: true },
      automountServiceAccountToken: true,
      podLabels: {},
      podAnnotations: {},
      kubeletService: { enabled: true, namespace: "kube-system", selector: "", name: "" },
      kubeletEndpointsEnabled: true,
      kubeletEndpointSliceEnabled: false,
      extraArgs: [],
      livenessProbe: { enabled: true, failureThreshold: 3 },
      readinessProbe: { enabled: true, failureThreshold: 3 },
      serviceMonitor: { selfMonitor: true },
      resources: {},
      nodeSelector: {},
      tolerations: [],
      affinity: {},
      securityContext: {
        fsGroup: 65534,
        runAsGroup: 65534,
        runAsNonRoot: true,
        runAsUser: 65534,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containerSecurityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
      image: { registry: "quay.io", repository: "prometheus-operator/prometheus-operator", tag: "" },
      prometheusConfigReloader: {
        image: { registry: "quay.io", repository: "prometheus-operator/prometheus-config-reloader", tag: "" },
        resources: {},
      },
    },
  }),
  objects: [
    serviceAccount(name, `${operator}.serviceAccount.create`, true),
    {
      manifest: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name },
        rules,
      },
    },
    {
      manifest: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
        subjects: [{ kind: "ServiceAccount", name, namespace: "{{ .Release.Namespace }}" }],
      },
    },
    {
      manifest: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name },
        spec: {
          type: "ClusterIP",
          selector,
          ports: [{ name: "http", port: 8080, protocol: "TCP", targetPort: "http" }],
        },
      },
    },
  ],
  workloads: [
    {
      kind: "Deployment",
      name,
      replicas: 1,
      selector,
      labels: { "app.kubernetes.io/name": "kube-prometheus-stack-prometheus-operator" },
      podLabels: value(`${operator}.podLabels`),
      podAnnotations: value(`${operator}.podAnnotations`),
      pod: {
        serviceAccountName: name,
        automountServiceAccountToken: `raw:{{ ${operator}.automountServiceAccountToken }}`,
        priorityClassName: `{{ ${operator}.priorityClassName }}`,
        securityContext: value(`${operator}.securityContext`),
        nodeSelector: value(`${operator}.nodeSelector`),
        affinity: value(`${operator}.affinity`),
        tolerations: value(`${operator}.tolerations`),
      },
      containers: [
        {
          name: "kube-prometheus-stack",
          image: `{{ ${operator}.image.registry }}/{{ ${operator}.image.repository }}:{{ ${operator}.image.tag | default .Chart.AppVersion }}`,
          args,
          resources: value(`${operator}.resources`),
          securityContext: value(`${operator}.containerSecurityContext`),
          ports: [{ name: "http", containerPort: 8080 }],
          readinessProbe: probe("readiness"),
          livenessProbe: probe("liveness"),
        },
      ],
    },
  ],
  crds: [
    crd("Alertmanager", "alertmanagers", "am", { scale: scaled("replicas") }),
    crd("AlertmanagerConfig", "alertmanagerconfigs", "amcfg", { versions: ["v1alpha1"] }),
    crd("PodMonitor", "podmonitors", "pmon"),
    crd("Probe", "probes", "prb"),
    crd("Prometheus", "prometheuses", "prom", { scale: scaled("shards") }),
    crd("PrometheusAgent", "prometheusagents", "promagent", { versions: ["v1alpha1"], scale: scaled("shards") }),
    crd("PrometheusRule", "prometheusrules", "promrule"),
    crd("ScrapeConfig", "scrapeconfigs", "scfg", { versions: ["v1alpha1"] }),
    crd("ServiceMonitor", "servicemonitors", "smon"),
    crd("ThanosRuler", "thanosrulers", "ruler"),
  ],
  // In its sub-chart `crds`, which Helm counts as the chart's own.
  crdsFrom: { folder: true },
};
