import { type ChartShape, type CrdShape, value } from "../shape";
import { disruptionBudget, serviceAccount } from "./common";

const selector = {
  "control-plane": "envoy-gateway",
  "app.kubernetes.io/name": "gateway-helm",
  "app.kubernetes.io/instance": "{{ .Release.Name }}",
};

function crd(group: string, kind: string, plural: string, versions: string[], more: Partial<CrdShape> = {}): CrdShape {
  return { group, kind, plural, scope: "Namespaced", versions, ...more };
}

const own = (kind: string, plural: string) => crd("gateway.envoyproxy.io", kind, plural, ["v1alpha1"]);
const api = (kind: string, plural: string, versions: string[], more?: Partial<CrdShape>) =>
  crd("gateway.networking.k8s.io", kind, plural, versions, more);

const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsGroup: 65532,
  runAsUser: 65532,
  seccompProfile: { type: "RuntimeDefault" },
};
const podSecurity = {
  runAsNonRoot: true,
  runAsGroup: 65532,
  runAsUser: 65532,
  fsGroup: 65532,
  seccompProfile: { type: "RuntimeDefault" },
};

const ports = [
  { name: "grpc", port: 18000, targetPort: 18000 },
  { name: "ratelimit", port: 18001, targetPort: 18001 },
  { name: "wasm", port: 18002, targetPort: 18002 },
  { name: "metrics", port: 19001, targetPort: 19001 },
];

function probe(path: string, more: object) {
  return { httpGet: { path, port: 8081 }, successThreshold: 1, timeoutSeconds: 1, ...more };
}

/** The job that writes certificates is a hook, and the Secret of its making nobody reads here: it is left out. */
export const gatewayHelm: ChartShape = {
  chart: "gateway-helm",
  versions: { "v1.9.0": "v1.9.0" },
  appVersionOf: (version) => version,
  description: "Recorded shape of Envoy Gateway's chart",
  values: () => ({
    commonLabels: {},
    podDisruptionBudget: { minAvailable: 0 },
    deployment: {
      replicas: 1,
      priorityClassName: null,
      envoyGateway: {
        resources: { limits: { memory: "1024Mi" }, requests: { cpu: "100m", memory: "256Mi" } },
        securityContext: restricted,
        strategy: {},
      },
      pod: {
        affinity: {},
        annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "19001" },
        labels: {},
        topologySpreadConstraints: [],
        tolerations: [],
        nodeSelector: {},
        securityContext: podSecurity,
      },
    },
    service: { type: "ClusterIP", annotations: {} },
    config: {
      envoyGateway: {
        gateway: { controllerName: "gateway.envoyproxy.io/gatewayclass-controller" },
        provider: { type: "Kubernetes" },
        logging: { level: { default: "info" } },
        extensionApis: {},
      },
    },
    certgen: { job: { ttlSecondsAfterFinished: 30, resources: {} } },
    topologyInjector: { enabled: true, annotations: {} },
  }),
  objects: [
    serviceAccount("envoy-gateway"),
    {
      manifest: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "envoy-gateway" },
        spec: {
          type: "ClusterIP",
          selector,
          ports: ports.map((port) => ({ ...port, protocol: "TCP" })),
        },
      },
    },
    {
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "envoy-gateway-config" },
        data: { "envoy-gateway.yaml": "raw:{{ toYaml .Values.config.envoyGateway | quote }}" },
      },
    },
    disruptionBudget("envoy-gateway", selector, "ge (int .Values.podDisruptionBudget.minAvailable) 1", {
      minAvailable: "raw:{{ .Values.podDisruptionBudget.minAvailable }}",
    }),
  ],
  workloads: [
    {
      kind: "Deployment",
      name: "envoy-gateway",
      replicas: ".Values.deployment.replicas",
      selector,
      podLabels: value(".Values.deployment.pod.labels"),
      podAnnotations: value(".Values.deployment.pod.annotations"),
      strategy: value(".Values.deployment.envoyGateway.strategy"),
      pod: {
        serviceAccountName: "envoy-gateway",
        automountServiceAccountToken: true,
        priorityClassName: value(".Values.deployment.priorityClassName"),
        securityContext: value(".Values.deployment.pod.securityContext"),
        affinity: value(".Values.deployment.pod.affinity"),
        nodeSelector: value(".Values.deployment.pod.nodeSelector"),
        tolerations: value(".Values.deployment.pod.tolerations"),
        topologySpreadConstraints: value(".Values.deployment.pod.topologySpreadConstraints"),
        terminationGracePeriodSeconds: 10,
      },
      containers: [
        {
          name: "envoy-gateway",
          image: "docker.io/envoyproxy/gateway:{{ .Chart.Version }}",
          args: ["server", "--config-path=/config/envoy-gateway.yaml"],
          resources: value(".Values.deployment.envoyGateway.resources"),
          securityContext: value(".Values.deployment.envoyGateway.securityContext"),
          ports: ports.map(({ name, port }) => ({ name, containerPort: port })),
          startupProbe: probe("/healthz", { failureThreshold: 30, periodSeconds: 1 }),
          livenessProbe: probe("/healthz", { periodSeconds: 20 }),
          readinessProbe: probe("/readyz", { periodSeconds: 10 }),
        },
      ],
    },
  ],
  crds: [
    own("Backend", "backends"),
    own("BackendTrafficPolicy", "backendtrafficpolicies"),
    own("ClientTrafficPolicy", "clienttrafficpolicies"),
    own("EnvoyExtensionPolicy", "envoyextensionpolicies"),
    own("EnvoyPatchPolicy", "envoypatchpolicies"),
    own("EnvoyProxy", "envoyproxies"),
    own("HTTPRouteFilter", "httproutefilters"),
    own("SecurityPolicy", "securitypolicies"),
    api("BackendTLSPolicy", "backendtlspolicies", ["v1", "v1alpha3"]),
    api("GatewayClass", "gatewayclasses", ["v1", "v1beta1"], { scope: "Cluster" }),
    api("Gateway", "gateways", ["v1", "v1beta1"]),
    api("GRPCRoute", "grpcroutes", ["v1"]),
    api("HTTPRoute", "httproutes", ["v1", "v1beta1"]),
    api("ListenerSet", "listenersets", ["v1"]),
    api("ReferenceGrant", "referencegrants", ["v1", "v1beta1"]),
    api("TCPRoute", "tcproutes", ["v1", "v1alpha2"]),
    api("TLSRoute", "tlsroutes", ["v1", "v1alpha2", "v1alpha3"]),
    api("UDPRoute", "udproutes", ["v1", "v1alpha2"]),
  ],
  crdsFrom: { folder: true },
};
