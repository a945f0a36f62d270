import { type ChartShape, type CrdShape, value } from "../shape";
import { ciliumValues } from "./cilium-values";
import { disruptionBudget, httpProbe, service, serviceAccount } from "./common";

const group = "cilium.io";
const agentSelector = { "k8s-app": "cilium" };
const envoySelector = { "k8s-app": "cilium-envoy", name: "cilium-envoy" };
const operatorSelector = { "io.cilium/app": "operator", name: "cilium-operator" };
const relaySelector = { "k8s-app": "hubble-relay" };
const uiSelector = { "k8s-app": "hubble-ui" };

function crd(kind: string, scope: CrdShape["scope"], versions = ["v2"]): CrdShape {
  const plural = `${kind.toLowerCase()}s`.replace(/ys$/, "ies");
  return { group, kind, plural, scope, versions };
}

const partOf = (name: string) => ({ "app.kubernetes.io/part-of": "cilium", "app.kubernetes.io/name": name });

function placement(values: string) {
  return {
    affinity: value(`${values}.affinity`),
    nodeSelector: value(`${values}.nodeSelector`),
    tolerations: value(`${values}.tolerations`),
  };
}

const image = (values: string) =>
  `{{ ${values}.image.repository }}:{{ ${values}.image.tag }}{{ if ${values}.image.useDigest }}@{{ ${values}.image.digest }}{{ end }}`;
const priority = (values: string, fallback: string) => `{{ ${values}.priorityClassName | default "${fallback}" }}`;
const relay = ".Values.hubble.relay";
const ui = ".Values.hubble.ui";
const envoyEnabled = 'ne (toString .Values.envoy.enabled) "false"';

export const cilium: ChartShape = {
  chart: "cilium",
  versions: { "1.20.0": "1.20.0", "1.19.6": "1.19.6" },
  appVersionOf: (version) => version,
  kubeVersion: ">= 1.21.0-0",
  description: "Recorded shape of Cilium's chart",
  values: (version) => ciliumValues(version),
  objects: [
    serviceAccount("cilium", ".Values.serviceAccounts.cilium.create"),
    serviceAccount("cilium-envoy", envoyEnabled),
    serviceAccount("cilium-operator", ".Values.operator.enabled"),
    serviceAccount("hubble-relay", `${relay}.enabled`, false),
    serviceAccount("hubble-ui", `${ui}.enabled`),
    disruptionBudget("cilium-operator", operatorSelector, ".Values.operator.podDisruptionBudget.enabled", {
      maxUnavailable: value(".Values.operator.podDisruptionBudget.maxUnavailable"),
    }),
    disruptionBudget("hubble-relay", relaySelector, `and ${relay}.enabled ${relay}.podDisruptionBudget.enabled`, {
      maxUnavailable: value(`${relay}.podDisruptionBudget.maxUnavailable`),
    }),
    service(
      "hubble-peer",
      agentSelector,
      [{ name: "peer-service", port: 443, targetPort: 4244 }],
      ".Values.hubble.enabled",
    ),
    service("hubble-relay", relaySelector, [{ name: "grpc", port: 80, targetPort: "grpc" }], `${relay}.enabled`),
    service("hubble-ui", uiSelector, [{ name: "http", port: 80, targetPort: 8081 }], `${ui}.enabled`),
  ],
  templates: {
    "cilium-configmap.yaml": `apiVersion: v1
kind: ConfigMap
metadata:
  name: cilium-config
  namespace: {{ .Release.Namespace }}
data:
  cluster-name: {{ .Values.cluster.name | quote }}
  kube-proxy-replacement: {{ .Values.kubeProxyReplacement | quote }}
  routing-mode: {{ .Values.routingMode | default "tunnel" | quote }}
  ipam: {{ .Values.ipam.mode | quote }}
  enable-hubble: {{ .Values.hubble.enabled | quote }}
`,
  },
  workloads: [
    {
      kind: "DaemonSet",
      when: ".Values.agent",
      name: "cilium",
      selector: agentSelector,
      labels: partOf("cilium-agent"),
      podLabels: value(".Values.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      strategy: value(".Values.updateStrategy"),
      pod: {
        ...placement(".Values"),
        serviceAccountName: "cilium",
        hostNetwork: true,
        priorityClassName: priority(".Values", "system-node-critical"),
        terminationGracePeriodSeconds: 1,
        securityContext: { appArmorProfile: { type: "Unconfined" } },
        volumes: [
          { name: "cilium-run", hostPath: { path: "/var/run/cilium", type: "DirectoryOrCreate" } },
          { name: "bpf-maps", hostPath: { path: "/sys/fs/bpf", type: "DirectoryOrCreate" } },
          { name: "cilium-cgroup", hostPath: { path: "{{ .Values.cgroup.hostRoot }}", type: "DirectoryOrCreate" } },
          { name: "cni-path", hostPath: { path: "{{ .Values.cni.binPath }}", type: "DirectoryOrCreate" } },
        ],
      },
      initContainers: [
        { name: "config", image: image(".Values"), resources: value(".Values.initResources") },
        {
          name: "clean-cilium-state",
          image: image(".Values"),
          resources: value(".Values.initResources"),
          securityContext: {
            capabilities: { add: value(".Values.securityContext.capabilities.cleanCiliumState"), drop: ["ALL"] },
          },
        },
        {
          name: "install-cni-binaries",
          image: image(".Values"),
          resources: value(".Values.cni.resources"),
          securityContext: { capabilities: { drop: ["ALL"] } },
        },
      ],
      containers: [
        {
          name: "cilium-agent",
          image: image(".Values"),
          args: ["--config-dir=/tmp/cilium/config-map"],
          resources: value(".Values.resources"),
          securityContext: {
            seLinuxOptions: value(".Values.securityContext.seLinuxOptions"),
            capabilities: { add: value(".Values.securityContext.capabilities.ciliumAgent"), drop: ["ALL"] },
          },
          // The real chart has the last two only where its values ask for metrics, as ours always do.
          ports: [
            { name: "peer-service", containerPort: 4244, hostPort: 4244 },
            { name: "prometheus", containerPort: 9962, hostPort: 9962 },
            { name: "hubble-metrics", containerPort: 9965, hostPort: 9965 },
          ],
          startupProbe: { ...httpProbe("/healthz", 9879, "127.0.0.1"), failureThreshold: 300, periodSeconds: 2 },
          livenessProbe: { ...httpProbe("/healthz", 9879, "127.0.0.1"), periodSeconds: 30 },
          readinessProbe: { ...httpProbe("/healthz", 9879, "127.0.0.1"), periodSeconds: 30 },
        },
      ],
    },
    {
      kind: "DaemonSet",
      when: envoyEnabled,
      name: "cilium-envoy",
      selector: envoySelector,
      labels: partOf("cilium-envoy"),
      podLabels: value(".Values.envoy.podLabels"),
      podAnnotations: value(".Values.envoy.podAnnotations"),
      strategy: value(".Values.envoy.updateStrategy"),
      pod: {
        ...placement(".Values.envoy"),
        serviceAccountName: "cilium-envoy",
        hostNetwork: true,
        priorityClassName: priority(".Values.envoy", "system-node-critical"),
        terminationGracePeriodSeconds: 1,
        securityContext: { appArmorProfile: { type: "Unconfined" } },
      },
      containers: [
        {
          name: "cilium-envoy",
          image: image(".Values.envoy"),
          resources: value(".Values.envoy.resources"),
          securityContext: {
            capabilities: { add: value(".Values.envoy.securityContext.capabilities.envoy"), drop: ["ALL"] },
          },
          ports: [{ name: "envoy-metrics", containerPort: 9964, hostPort: 9964 }],
          readinessProbe: httpProbe("/healthz", 9878, "127.0.0.1"),
        },
      ],
    },
    {
      kind: "Deployment",
      when: ".Values.operator.enabled",
      name: "cilium-operator",
      replicas: ".Values.operator.replicas",
      selector: operatorSelector,
      labels: partOf("cilium-operator"),
      podLabels: value(".Values.operator.podLabels"),
      podAnnotations: value(".Values.operator.podAnnotations"),
      strategy: value(".Values.operator.updateStrategy"),
      pod: {
        ...placement(".Values.operator"),
        serviceAccountName: "cilium-operator",
        hostNetwork: value(".Values.operator.hostNetwork"),
        priorityClassName: priority(".Values.operator", "system-cluster-critical"),
        securityContext: value(".Values.operator.podSecurityContext"),
        topologySpreadConstraints: value(".Values.operator.topologySpreadConstraints"),
      },
      containers: [
        {
          name: "cilium-operator",
          image: `{{ .Values.operator.image.repository }}-generic{{ .Values.operator.image.suffix }}:{{ .Values.operator.image.tag }}{{ if .Values.operator.image.useDigest }}@{{ .Values.operator.image.genericDigest }}{{ end }}`,
          resources: value(".Values.operator.resources"),
          securityContext: value(".Values.operator.securityContext"),
          ports: [{ name: "prometheus", containerPort: 9963, hostPort: 9963 }],
          livenessProbe: httpProbe("/healthz", 9234, "127.0.0.1"),
          readinessProbe: httpProbe("/healthz", 9234, "127.0.0.1"),
        },
      ],
    },
    {
      kind: "Deployment",
      when: `${relay}.enabled`,
      name: "hubble-relay",
      replicas: `${relay}.replicas`,
      selector: relaySelector,
      labels: partOf("hubble-relay"),
      podLabels: value(`${relay}.podLabels`),
      podAnnotations: value(`${relay}.podAnnotations`),
      strategy: value(`${relay}.updateStrategy`),
      pod: {
        ...placement(relay),
        serviceAccountName: "hubble-relay",
        automountServiceAccountToken: false,
        priorityClassName: value(`${relay}.priorityClassName`),
        securityContext: value(`${relay}.podSecurityContext`),
        topologySpreadConstraints: value(`${relay}.topologySpreadConstraints`),
        terminationGracePeriodSeconds: 1,
      },
      containers: [
        {
          name: "hubble-relay",
          image: image(relay),
          resources: value(`${relay}.resources`),
          securityContext: value(`${relay}.securityContext`),
          ports: [{ name: "grpc", containerPort: 4245 }],
        },
      ],
    },
    {
      kind: "Deployment",
      when: `${ui}.enabled`,
      name: "hubble-ui",
      replicas: `${ui}.replicas`,
      selector: uiSelector,
      labels: partOf("hubble-ui"),
      podLabels: value(`${ui}.podLabels`),
      podAnnotations: value(`${ui}.podAnnotations`),
      strategy: value(`${ui}.updateStrategy`),
      pod: {
        ...placement(ui),
        serviceAccountName: "hubble-ui",
        priorityClassName: value(`${ui}.priorityClassName`),
        securityContext: value(`${ui}.securityContext`),
        topologySpreadConstraints: value(`${ui}.topologySpreadConstraints`),
      },
      containers: (["frontend", "backend"] as const).map((name) => ({
        name,
        image: image(`${ui}.${name}`),
        resources: value(`${ui}.${name}.resources`),
        securityContext: value(`${ui}.${name}.securityContext`),
        ports: [name === "frontend" ? { name: "http", containerPort: 8081 } : { name: "grpc", containerPort: 8090 }],
      })),
    },
  ],
  crds: [
    crd("CiliumBGPAdvertisement", "Cluster"),
    crd("CiliumBGPClusterConfig", "Cluster"),
    crd("CiliumBGPPeerConfig", "Cluster"),
    crd("CiliumClusterwideEnvoyConfig", "Cluster"),
    crd("CiliumClusterwideNetworkPolicy", "Cluster"),
    crd("CiliumEgressGatewayPolicy", "Cluster"),
    crd("CiliumEnvoyConfig", "Namespaced"),
    crd("CiliumL2AnnouncementPolicy", "Cluster", ["v2alpha1"]),
    crd("CiliumLoadBalancerIPPool", "Cluster", ["v2", "v2alpha1"]),
    crd("CiliumLocalRedirectPolicy", "Namespaced"),
    crd("CiliumNetworkPolicy", "Namespaced"),
    crd("CiliumNodeConfig", "Namespaced"),
  ],
  crdsFrom: { operator: /(^|\/)cilium\/operator(-[a-z]+)?[:@]/ },
};
