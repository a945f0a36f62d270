import { type ChartShape, type CrdShape, value, type WorkloadShape } from "../shape";
import { disruptionBudget, serviceAccount } from "./common";

const operator = "keda-operator";
const metricsServer = "keda-operator-metrics-apiserver";
const webhooks = "keda-admission-webhooks";
const secretName = "{{ .Values.certificates.secretName }}";

function crd(kind: string, plural: string, more: Partial<CrdShape> = {}): CrdShape {
  return { group: "keda.sh", kind, plural, scope: "Namespaced", versions: ["v1alpha1"], ...more };
}

const account = (part: string) =>
  serviceAccount(`{{ .Values.serviceAccount.${part}.name }}`, `.Values.serviceAccount.${part}.create`, true);

const service = (name: string, port: object) => ({
  manifest: { apiVersion: "v1", kind: "Service", metadata: { name }, spec: { selector: { app: name }, ports: [port] } },
});

const budget = (name: string, part: string) =>
  disruptionBudget(name, { app: name }, `.Values.podDisruptionBudget.${part}`, {
    minAvailable: value(`.Values.podDisruptionBudget.${part}.minAvailable`),
    maxUnavailable: value(`.Values.podDisruptionBudget.${part}.maxUnavailable`),
  });

const image = (part: string) =>
  `{{ .Values.image.${part}.registry }}/{{ .Values.image.${part}.repository }}:{{ .Values.image.${part}.tag | default .Chart.AppVersion }}`;

const probe = (path: string, port: number, scheme = "HTTP") => ({ httpGet: { path, port, scheme } });

/** The three programs have their settings under one name each, but not under the same one everywhere. */
interface Program {
  readonly name: string;
  /** Under `operator`, `metricsServer`, `webhooks`: replicas and constraints. */
  readonly part: string;
  /** Under `resources` and both security contexts. */
  readonly limits: string;
  readonly annotations: string;
  readonly image: string;
  readonly account: string;
  readonly optionalCertificate?: boolean;
  readonly args: string[];
  readonly ports: { name: string; containerPort: number }[];
  readonly health: { port: number; scheme?: string };
}

const restricted = {
  capabilities: { drop: ["ALL"] },
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  seccompProfile: { type: "RuntimeDefault" },
};
const usualResources = { limits: { cpu: 1, memory: "1000Mi" }, requests: { cpu: "100m", memory: "100Mi" } };
const each = <T>(of: T) => ({ operator: of, metricServer: of, webhooks: of });

function deployment({ name, part, limits, ...of }: Program): WorkloadShape {
  return {
    kind: "Deployment",
    name,
    replicas: `.Values.${part}.replicaCount`,
    selector: { app: name },
    podAnnotations: value(`.Values.podAnnotations.${of.annotations}`),
    pod: {
      enableServiceLinks: value(".Values.enableServiceLinks"),
      serviceAccountName: `{{ .Values.serviceAccount.${of.account}.name }}`,
      automountServiceAccountToken: true,
      priorityClassName: value(".Values.priorityClassName"),
      securityContext: value(`.Values.podSecurityContext.${limits}`),
      nodeSelector: { "kubernetes.io/os": "linux" },
      topologySpreadConstraints: value(`.Values.topologySpreadConstraints.${part}`),
      volumes: [
        { name: "certificates", secret: { secretName, ...(of.optionalCertificate ? { optional: true } : {}) } },
      ],
    },
    containers: [
      {
        name,
        image: image(of.image),
        args: of.args,
        resources: value(`.Values.resources.${limits}`),
        securityContext: value(`.Values.securityContext.${limits}`),
        ports: of.ports,
        livenessProbe: probe("/healthz", of.health.port, of.health.scheme),
        readinessProbe: probe("/readyz", of.health.port, of.health.scheme),
      },
    ],
  };
}

const METRICS = { name: "metrics", containerPort: 8080 };

/** Without the roles, and without the webhooks' registration: the stand-in acts anyway, and nobody answers the API server. */
export const keda: ChartShape = {
  chart: "keda",
  versions: { "2.20.2": "2.20.2" },
  appVersionOf: (version) => version,
  kubeVersion: ">=v1.23.0-0",
  description: "Recorded shape of KEDA's chart",
  values: () => ({
    image: {
      keda: { registry: "ghcr.io", repository: "kedacore/keda", tag: "" },
      metricsApiServer: { registry: "ghcr.io", repository: "kedacore/keda-metrics-apiserver", tag: "" },
      webhooks: { registry: "ghcr.io", repository: "kedacore/keda-admission-webhooks", tag: "" },
      pullPolicy: "Always",
    },
    crds: { install: true },
    watchNamespace: "",
    operator: { name: operator, replicaCount: 1 },
    metricsServer: { enabled: true, replicaCount: 1 },
    webhooks: { enabled: true, name: webhooks, replicaCount: 1 },
    podDisruptionBudget: each({}),
    podAnnotations: { keda: {}, metricsAdapter: {}, webhooks: {} },
    rbac: { create: true, enabledCustomScaledRefKinds: true },
    serviceAccount: {
      operator: { create: true, name: operator },
      metricServer: { create: true, name: "keda-metrics-server" },
      webhooks: { create: true, name: "keda-webhook" },
    },
    permissions: { operator: { restrict: { secret: false } }, metricServer: { restrict: { secret: false } } },
    securityContext: each(restricted),
    podSecurityContext: each({ runAsNonRoot: true }),
    resources: each(usualResources),
    topologySpreadConstraints: { operator: [], metricsServer: [], webhooks: [] },
    priorityClassName: "",
    enableServiceLinks: true,
    prometheus: {
      operator: { enabled: false, port: 8080 },
      metricServer: { enabled: false, port: 8080 },
      webhooks: { enabled: false, port: 8080 },
    },
    certificates: { autoGenerated: true, secretName: "kedaorg-certs" },
  }),
  objects: [
    account("operator"),
    account("metricServer"),
    account("webhooks"),
    service(operator, { name: "metricsservice", port: 9666, targetPort: 9666 }),
    service(metricsServer, { name: "https", port: 443, targetPort: 6443, protocol: "TCP" }),
    service(webhooks, { name: "https", port: 443, targetPort: 9443, protocol: "TCP" }),
    budget(operator, "operator"),
    budget(metricsServer, "metricServer"),
    {
      when: ".Values.metricsServer.enabled",
      manifest: {
        apiVersion: "apiregistration.k8s.io/v1",
        kind: "APIService",
        metadata: { name: "v1beta1.external.metrics.k8s.io" },
        spec: {
          service: { name: metricsServer, namespace: "{{ .Release.Namespace }}", port: 443 },
          group: "external.metrics.k8s.io",
          version: "v1beta1",
          groupPriorityMinimum: 100,
          versionPriority: 100,
        },
      },
    },
  ],
  workloads: [
    deployment({
      name: operator,
      part: "operator",
      limits: "operator",
      annotations: "keda",
      image: "keda",
      account: "operator",
      optionalCertificate: true,
      args: ["--leader-elect", "--enable-prometheus-metrics={{ .Values.prometheus.operator.enabled }}"],
      ports: [{ name: "metricsservice", containerPort: 9666 }, METRICS],
      health: { port: 8081 },
    }),
    deployment({
      name: metricsServer,
      part: "metricsServer",
      limits: "metricServer",
      annotations: "metricsAdapter",
      image: "metricsApiServer",
      account: "metricServer",
      args: ["--port=8080", "--secure-port=6443"],
      ports: [{ name: "https", containerPort: 6443 }, METRICS],
      health: { port: 6443, scheme: "HTTPS" },
    }),
    deployment({
      name: webhooks,
      part: "webhooks",
      limits: "webhooks",
      annotations: "webhooks",
      image: "webhooks",
      account: "webhooks",
      args: ["--health-probe-bind-address=:8081", "--metrics-bind-address=:8080"],
      ports: [{ name: "http", containerPort: 9443 }],
      health: { port: 8081 },
    }),
  ],
  crds: [
    crd("ScaledObject", "scaledobjects", { shortNames: ["so"] }),
    crd("ScaledJob", "scaledjobs", { shortNames: ["sj"] }),
    crd("TriggerAuthentication", "triggerauthentications", { shortNames: ["ta", "triggerauth"] }),
    crd("ClusterTriggerAuthentication", "clustertriggerauthentications", {
      scope: "Cluster",
      shortNames: ["cta", "clustertriggerauth"],
    }),
    crd("CloudEventSource", "cloudeventsources", { group: "eventing.keda.sh" }),
    crd("ClusterCloudEventSource", "clustercloudeventsources", { group: "eventing.keda.sh", scope: "Cluster" }),
  ],
  crdsFrom: { templates: ".Values.crds.install" },
};
