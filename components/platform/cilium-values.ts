import type { ChartValues } from "../kit/chart";
import { resources } from "../kit/sizes";
import { KUBEPRISM_PORT } from "../talos/config/common";
import type { CiliumArgs, NodeNetwork } from "./cilium";

/** KubePrism: Talos's own load balancer to the API servers, on every node. */
export const KUBEPRISM = { host: "localhost", port: KUBEPRISM_PORT } as const;

/** Where agents, operators and proxies say how they are, at their nodes' addresses; the chart's own numbers. */
export const CILIUM_METRICS = {
  agent: { name: "prometheus", port: 9962 },
  operator: { name: "prometheus", port: 9963 },
  proxy: { name: "envoy-metrics", port: 9964 },
  hubble: { name: "hubble-metrics", port: 9965 },
} as const;

/** Flows with these verdicts go to the log. */
export interface FlowLog {
  readonly verdicts: readonly string[];
}

/** Values of Cilium's chart on Talos. */
export function ciliumValues(args: Omit<CiliumArgs, "charts">): ChartValues {
  return {
    ...kubernetesAccess(),
    ...datapath(args.network),
    ...talos(),
    ...(args.mesh === true ? besideMesh() : {}),
    ...workloads(args),
    prometheus: { enabled: true, port: CILIUM_METRICS.agent.port },
    hubble: hubble(args),
  };
}

/** There is no kube-proxy and, before Cilium, no Service address: the API is reached through KubePrism. */
function kubernetesAccess(): ChartValues {
  return {
    k8sServiceHost: KUBEPRISM.host,
    k8sServicePort: String(KUBEPRISM.port),
    kubeProxyReplacement: "true",
    kubeProxyReplacementHealthzBindAddr: "0.0.0.0:10256",
    ipam: { mode: "kubernetes" },
    k8s: { requireIPv4PodCIDR: true },
  };
}

/**
 * A tunnel: dedicated machines have no route to the pods of cloud servers, and native routing breaks with KubeSpan.
 * The MTU is told, never detected: Cilium would take that of the default route's interface (1500) and know nothing of
 * KubeSpan, and large packets would be lost without a word. It takes its own tunnel and encryption off by itself.
 */
function datapath({ mtuBytes, encrypted }: NodeNetwork): ChartValues {
  return {
    routingMode: "tunnel",
    tunnelProtocol: "vxlan",
    MTU: mtuBytes,
    // Packets must pass the host's routing table, which is where KubeSpan takes hold of them.
    bpf: { masquerade: false, hostLegacyRouting: true },
    encryption: encrypted ? { enabled: false } : { enabled: true, type: "wireguard" },
  };
}

/** Talos mounts cgroup2 itself, and no process may load kernel modules: SYS_MODULE is refused. */
function talos(): ChartValues {
  return {
    cgroup: { autoMount: { enabled: false }, hostRoot: "/sys/fs/cgroup" },
    securityContext: {
      capabilities: {
        ciliumAgent: [
          "CHOWN",
          "KILL",
          "NET_ADMIN",
          "NET_RAW",
          "IPC_LOCK",
          "SYS_ADMIN",
          "SYS_RESOURCE",
          "DAC_OVERRIDE",
          "FOWNER",
          "SETGID",
          "SETUID",
          "SYSLOG",
        ],
        cleanCiliumState: ["NET_ADMIN", "SYS_ADMIN", "SYS_RESOURCE"],
      },
    },
  };
}

/**
 * Istio's agent puts itself behind Cilium in the nodes' CNI settings, which Cilium would otherwise have for itself. And
 * a pod's connections keep the Service's address until they leave the pod: translated at the socket already, they would
 * pass the mesh by, unencrypted.
 */
function besideMesh(): ChartValues {
  return { cni: { exclusive: false }, socketLB: { hostNamespaceOnly: true } };
}

function workloads(args: Omit<CiliumArgs, "charts">): ChartValues {
  return {
    resources: { ...resources(100, 512, 1024) },
    initResources: { ...resources(50, 64, 256) },
    rollOutCiliumPods: true,
    envoy: { resources: { ...resources(50, 128, 512) }, rollOutPods: true },
    operator: {
      // Two never share a node: on a cluster of one node the second would wait for ever, and the release with it.
      replicas: args.nodes > 1 ? 2 : 1,
      rollOutPods: true,
      resources: { ...resources(50, 128, 256) },
      podDisruptionBudget: { enabled: args.nodes > 1 },
    },
  };
}

function hubble(args: Omit<CiliumArgs, "charts">): ChartValues {
  const production = args.environment === "prod";
  return {
    enabled: true,
    relay: {
      enabled: true,
      replicas: production && args.nodes > 2 ? 2 : 1,
      resources: { ...resources(25, 64, 256) },
      podDisruptionBudget: { enabled: production && args.nodes > 2 },
    },
    // Reached by port-forward only: it shows every flow and knows no users.
    ui: {
      enabled: true,
      backend: { resources: { ...resources(10, 64, 256) } },
      frontend: { resources: { ...resources(10, 32, 128) } },
    },
    metrics: { enabled: hubbleMetrics(production), port: CILIUM_METRICS.hubble.port },
    ...(args.flowLog === undefined ? {} : { export: flowExport(args.flowLog) }),
    // Made by Helm at each upgrade. The chart's default year would end on a cluster that is left alone.
    tls: { auto: { enabled: true, method: "helm", certValidityDuration: 1095 } },
  };
}

/**
 * Flows are counted by namespaces, never by pods or ports: a pair of namespaces is one series, a pair of pods would be
 * thousands of them.
 */
function hubbleMetrics(production: boolean): string[] {
  const kinds = production ? ["dns", "drop", "tcp", "flow", "icmp", "policy"] : ["dns", "drop", "tcp"];
  return kinds.map((kind) => `${kind}:labelsContext=source_namespace,destination_namespace`);
}

/** To standard output, where the logs of all pods are collected: a file on the node would be one more thing to ship. */
function flowExport({ verdicts }: FlowLog): ChartValues {
  return {
    static: { enabled: true, filePath: "stdout", allowList: [JSON.stringify({ verdict: [...verdicts] })] },
  };
}
