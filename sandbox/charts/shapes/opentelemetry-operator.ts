import { type ChartShape, type CrdShape, value } from "../shape";
import { disruptionBudget, service, serviceAccount } from "./common";

const chart = "opentelemetry-operator";
const fullname = '{{ include "fullname" . }}';
const group = "opentelemetry.io";
// The release is not among them: the chart's pods bear it as a label all the same.
const selector = { "app.kubernetes.io/name": chart, "app.kubernetes.io/component": "controller-manager" };
const everything = ["create", "delete", "get", "list", "patch", "update", "watch"];
const change = ["get", "list", "patch", "update", "watch"];
const read = ["get", "list", "watch"];

/** What it may do in every namespace, most of it for collectors that it can run. */
const rules = [
  {
    apiGroups: [""],
    resources: ["configmaps", "persistentvolumeclaims", "persistentvolumes", "pods", "serviceaccounts", "services"],
    verbs: everything,
  },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "get", "list", "patch", "watch"] },
  { apiGroups: [""], resources: ["namespaces"], verbs: ["list", "watch"] },
  { apiGroups: ["apps"], resources: ["daemonsets", "deployments", "statefulsets"], verbs: everything },
  { apiGroups: ["apps"], resources: ["replicasets"], verbs: read },
  { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: everything },
  { apiGroups: ["batch"], resources: ["cronjobs", "jobs"], verbs: read },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create", "get", "list", "update"] },
  { apiGroups: ["gateway.networking.k8s.io"], resources: ["httproutes"], verbs: everything },
  { apiGroups: ["monitoring.coreos.com"], resources: ["podmonitors", "servicemonitors"], verbs: everything },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses", "networkpolicies"], verbs: everything },
  { apiGroups: [group], resources: ["instrumentations", "opentelemetrycollectors"], verbs: change },
  { apiGroups: [group], resources: ["opampbridges", "targetallocators"], verbs: everything },
  { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: everything },
];

function crd(kind: string, plural: string, more: Partial<CrdShape> = {}): CrdShape {
  return { group, kind, plural, scope: "Namespaced", versions: ["v1alpha1"], ...more };
}

const scale = { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.scale.replicas" };
const certManager = "and .Values.admissionWebhooks.create .Values.admissionWebhooks.certManager.enabled";
const probe = (path: string) => ({ httpGet: { path, port: "raw:{{ .Values.manager.ports.healthzPort }}" } });

/** Without the webhooks' registrations: in the sandbox nobody answers them. */
export const opentelemetryOperator: ChartShape = {
  chart,
  versions: { "0.122.0": "0.158.0" },
  // The chart counts apart from the operator; without a record the newest known one stands in.
  appVersionOf: () => "0.158.0",
  description: "Recorded shape of the OpenTelemetry operator's chart",
  values: () => ({
    replicaCount: 1,
    nameOverride: "",
    fullnameOverride: "",
    pdb: { create: false, minAvailable: 1, maxUnavailable: "" },
    manager: {
      image: {
        repository: "ghcr.io/open-telemetry/opentelemetry-operator/opentelemetry-operator",
        tag: "",
        imagePullPolicy: "IfNotPresent",
      },
      ports: { metricsPort: 8443, webhookPort: 9443, healthzPort: 8081 },
      metrics: { secure: true },
      resources: {},
      podAnnotations: {},
      podLabels: {},
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      },
    },
    admissionWebhooks: {
      create: true,
      certManager: { enabled: true },
      pods: { failurePolicy: "Ignore" },
      namespaceSelector: {},
    },
    crds: { create: true },
    clusterRole: { create: true },
    affinity: {},
    tolerations: [],
    nodeSelector: { "kubernetes.io/os": "linux" },
    topologySpreadConstraints: [],
    hostNetwork: false,
    priorityClassName: "",
    securityContext: { runAsGroup: 65532, runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532 },
  }),
  objects: [
    serviceAccount(chart, undefined, true),
    disruptionBudget(fullname, selector, ".Values.pdb.create", { minAvailable: value(".Values.pdb.minAvailable") }),
    {
      when: ".Values.clusterRole.create",
      manifest: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: `${fullname}-manager` },
        rules,
      },
    },
    {
      when: ".Values.clusterRole.create",
      manifest: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: `${fullname}-manager` },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: `${fullname}-manager` },
        subjects: [{ kind: "ServiceAccount", name: chart, namespace: "{{ .Release.Namespace }}" }],
      },
    },
    service(fullname, selector, [{ name: "metrics", port: 8080, targetPort: "metrics" }]),
    service(`${fullname}-webhook`, selector, [{ name: "webhook", port: 443, targetPort: "webhook-server" }]),
    {
      when: certManager,
      manifest: {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: { name: `${fullname}-serving-cert` },
        spec: {
          dnsNames: [
            `${fullname}-webhook.{{ .Release.Namespace }}.svc`,
            `${fullname}-webhook.{{ .Release.Namespace }}.svc.cluster.local`,
          ],
          issuerRef: { kind: "Issuer", name: `${fullname}-selfsigned-issuer` },
          secretName: `${fullname}-controller-manager-service-cert`,
          subject: { organizationalUnits: [chart] },
        },
      },
    },
    {
      when: certManager,
      manifest: {
        apiVersion: "cert-manager.io/v1",
        kind: "Issuer",
        metadata: { name: `${fullname}-selfsigned-issuer` },
        spec: { selfSigned: {} },
      },
    },
  ],
  workloads: [
    {
      kind: "Deployment",
      name: fullname,
      replicas: ".Values.replicaCount",
      selector,
      labels: { "app.kubernetes.io/instance": "{{ .Release.Name }}" },
      podLabels: value(".Values.manager.podLabels"),
      podAnnotations: value(".Values.manager.podAnnotations"),
      pod: {
        serviceAccountName: chart,
        automountServiceAccountToken: true,
        hostNetwork: value(".Values.hostNetwork"),
        securityContext: value(".Values.securityContext"),
        priorityClassName: value(".Values.priorityClassName"),
        nodeSelector: value(".Values.nodeSelector"),
        tolerations: value(".Values.tolerations"),
        affinity: value(".Values.affinity"),
        topologySpreadConstraints: value(".Values.topologySpreadConstraints"),
        terminationGracePeriodSeconds: 10,
      },
      containers: [
        {
          name: "manager",
          image: "{{ .Values.manager.image.repository }}:{{ .Values.manager.image.tag | default .Chart.AppVersion }}",
          args: [
            "--metrics-addr=0.0.0.0:{{ .Values.manager.ports.metricsPort }}",
            "--metrics-secure={{ .Values.manager.metrics.secure }}",
            "--enable-leader-election",
            "--health-probe-addr=:{{ .Values.manager.ports.healthzPort }}",
            "--webhook-port={{ .Values.manager.ports.webhookPort }}",
          ],
          resources: value(".Values.manager.resources"),
          securityContext: value(".Values.manager.securityContext"),
          ports: [
            { name: "metrics", containerPort: "raw:{{ .Values.manager.ports.metricsPort }}" },
            { name: "webhook-server", containerPort: "raw:{{ .Values.manager.ports.webhookPort }}" },
          ],
          livenessProbe: probe("/healthz"),
          readinessProbe: probe("/readyz"),
        },
      ],
    },
  ],
  crds: [
    crd("Instrumentation", "instrumentations", { shortNames: ["otelinst", "otelinsts"] }),
    crd("OpAMPBridge", "opampbridges"),
    crd("OpenTelemetryCollector", "opentelemetrycollectors", {
      // The API server orders them so; without a conversion it does not matter which one is stored.
      versions: ["v1alpha1", "v1beta1"],
      shortNames: ["otelcol", "otelcols"],
      scale: { ...scale, labelSelectorPath: ".status.scale.selector" },
    }),
    crd("TargetAllocator", "targetallocators"),
  ],
  crdsFrom: { templates: ".Values.crds.create" },
};
