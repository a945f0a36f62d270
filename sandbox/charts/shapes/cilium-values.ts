/** Default values of Cilium's chart, as far as its recorded shape looks at them. */
export function ciliumValues(version: string): Record<string, unknown> {
  const digests = recordedDigests[version];
  const image = (repository: string, tag: string, digest?: string) => ({
    repository,
    tag,
    digest: digest ?? "",
    useDigest: digest !== undefined,
  });
  const own = (name: string, digest?: string) => image(`quay.io/cilium/${name}`, `v${version}`, digest);
  return {
    agent: true,
    image: own("cilium", digests?.agent),
    affinity: apartFrom({ "k8s-app": "cilium" }),
    ...everywhere,
    podAnnotations: {},
    podLabels: {},
    priorityClassName: "",
    resources: {},
    initResources: {},
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2 } },
    securityContext: {
      seLinuxOptions: { level: "s0", type: "spc_t" },
      capabilities: {
        ciliumAgent: [
          "CHOWN",
          "KILL",
          "NET_ADMIN",
          "NET_RAW",
          "IPC_LOCK",
          "SYS_MODULE",
          "SYS_ADMIN",
          "SYS_RESOURCE",
          "DAC_OVERRIDE",
          "FOWNER",
          "SETGID",
          "SETUID",
          "SYSLOG",
        ],
        cleanCiliumState: ["NET_ADMIN", "SYS_MODULE", "SYS_ADMIN", "SYS_RESOURCE"],
      },
    },
    serviceAccounts: { cilium: { create: true } },
    cluster: { name: "default", id: 0 },
    kubeProxyReplacement: "false",
    routingMode: "",
    ipam: { mode: "cluster-pool" },
    cgroup: { autoMount: { enabled: true }, hostRoot: "/run/cilium/cgroupv2" },
    cni: {
      binPath: "/opt/cni/bin",
      resources: { requests: { cpu: "100m", memory: "10Mi" }, limits: { cpu: 1, memory: "1Gi" } },
    },
    envoy: {
      enabled: null,
      image: image("quay.io/cilium/cilium-envoy", envoyTag, digests?.envoy),
      affinity: envoyAffinity,
      ...everywhere,
      podAnnotations: {},
      podLabels: {},
      priorityClassName: null,
      resources: {},
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2 } },
      securityContext: { capabilities: { envoy: ["NET_ADMIN", "SYS_ADMIN"] } },
    },
    operator: {
      enabled: true,
      image: {
        ...own("operator"),
        genericDigest: digests?.operator ?? "",
        useDigest: digests !== undefined,
        suffix: "",
      },
      replicas: 2,
      affinity: apartFrom({ "io.cilium/app": "operator" }),
      nodeSelector: linux,
      tolerations: [
        { key: "node-role.kubernetes.io/control-plane", operator: "Exists" },
        { key: "node-role.kubernetes.io/master", operator: "Exists" },
        { key: "node.kubernetes.io/not-ready", operator: "Exists" },
        { key: "node.cloudprovider.kubernetes.io/uninitialized", operator: "Exists" },
      ],
      hostNetwork: true,
      podDisruptionBudget: { enabled: false, maxUnavailable: 1 },
      podSecurityContext: { seccompProfile: { type: "RuntimeDefault" } },
      securityContext: { capabilities: { drop: ["ALL"] }, allowPrivilegeEscalation: false },
      podAnnotations: {},
      podLabels: {},
      priorityClassName: "",
      resources: {},
      topologySpreadConstraints: [],
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "50%" } },
    },
    hubble: {
      enabled: true,
      relay: {
        enabled: false,
        image: own("hubble-relay", digests?.relay),
        replicas: 1,
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [onSameNode({ "k8s-app": "cilium" })],
          },
        },
        ...webValues,
        podSecurityContext: { fsGroup: 65532, seccompProfile: { type: "RuntimeDefault" } },
        securityContext: {
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          runAsNonRoot: true,
          runAsUser: 65532,
          runAsGroup: 65532,
          seccompProfile: { type: "RuntimeDefault" },
          capabilities: { drop: ["ALL"] },
        },
        resources: {},
      },
      ui: {
        enabled: false,
        replicas: 1,
        affinity: {},
        ...webValues,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1001,
          runAsGroup: 1001,
          fsGroup: 1001,
          seccompProfile: { type: "RuntimeDefault" },
        },
        frontend: webContainer("hubble-ui"),
        backend: webContainer("hubble-ui-backend"),
      },
    },
  };
}

const envoyTag = "v1.37.5-1782911245-7cffc778c923f68a77954a53b1a98d6b5353f004";

const recordedDigests: Record<string, { agent: string; envoy: string; operator: string; relay: string }> = {
  "1.20.0": {
    agent: "sha256:383968cd5e8873f7976fa76aa6196045643558f4cc9518a207b9335cb24a0e93",
    envoy: "sha256:583057dd4f7d54cd41efff3c413aa0b148ac201f522e2c3336851fa89c78b039",
    operator: "sha256:80744a8cc7c91c2f9e6347629406844eb35d79b30a732c6d41c15b17232a74f3",
    relay: "sha256:2ca16981c7eb98df0ba9c9d18896bb9ca628b5cbd40dc9801339f4741f91ee94",
  },
};

const linux = { "kubernetes.io/os": "linux" };
const everywhere = { nodeSelector: linux, tolerations: [{ operator: "Exists" }] };

function onSameNode(matchLabels: Record<string, string>) {
  return { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels } };
}

function apartFrom(labels: Record<string, string>) {
  return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [onSameNode(labels)] } };
}

const envoyAffinity = {
  ...apartFrom({ "k8s-app": "cilium-envoy" }),
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [onSameNode({ "k8s-app": "cilium" })] },
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: "cilium.io/no-schedule", operator: "NotIn", values: ["true"] }] },
      ],
    },
  },
};

const webValues = {
  podDisruptionBudget: { enabled: false, maxUnavailable: 1 },
  nodeSelector: linux,
  tolerations: [],
  podAnnotations: {},
  podLabels: {},
  priorityClassName: "",
  topologySpreadConstraints: [],
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
};

function webContainer(name: string) {
  return {
    image: { repository: `quay.io/cilium/${name}`, tag: "v0.13.5", digest: "", useDigest: false },
    resources: {},
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  };
}
