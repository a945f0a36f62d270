import type { ChartValues } from "../kit/chart";
import { resources } from "../kit/sizes";
import { KUBEPRISM_PORT } from "../talos/config/common";
import type { CiliumArgs, NodeNetwork } from "./cilium";

/** KubePrism: Talos's own load balancer to the API servers, on every node. */
export const KUBEPRISM = { host: "localhost", port: KUBEPRISM_PORT } as const;

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
    metrics: { enabled: production ? ["dns", "drop", "tcp", "flow", "port-distribution", "icmp"] : ["drop", "tcp"] },
    ...(args.flowLog === undefined ? {} : { export: flowExport(args.flowLog) }),
    // Made by Helm at each upgrade. The chart's default year would end on a cluster that is left alone.
    tls: { auto: { enabled: true, method: "helm", certValidityDuration: 1095 } },
  };
}

/** To standard output, where the logs of all pods are collected: a file on the node would be one more thing to ship. */
function flowExport({ verdicts }: FlowLog): ChartValues {
  return {
    static: { enabled: true, filePath: "stdout", allowList: [JSON.stringify({ verdict: [...verdicts] })] },
  };
}
