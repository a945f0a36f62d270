import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource, type ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, chartPods } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import { priorities } from "../../kit/priorities";
import { resources } from "../../kit/sizes";

export interface NodeExporterArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
}

/** As the chart has it; the machines' firewall lets it in. */
const PORT = { name: "metrics", port: 9100 } as const;

/** CPU, memory, disks and network of every node. */
export class NodeExporter extends Component {
  constructor(name: string, args: NodeExporterArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("observability-agents");
    super("orrery:observability:NodeExporter", name, after(opts, namespace));
    const chart = charts.nodeExporter;
    const identity = chartIdentity(chart, { instance: name, component: "exporter", domain: namespace.name });
    const pods = chartPods(chart, name, namespace.name);

    new Chart(
      name,
      { chart, source: args.charts, namespace: namespace.name, values: nodeExporterValues() },
      this.child(),
    );
    namespace.telemetry.metrics({ identity, pods, port: PORT, hostNetwork: true });

    this.registerOutputs({});
  }
}

/** Interfaces and mounts that pods come and go with: each would be series of its own. */
const PODS_INTERFACES = "^(veth|lxc|cilium_).*$";
const PODS_MOUNTS = "^/(dev|proc|sys|run|var/lib/(containerd|kubelet/(pods|plugins)))($|/)";
const VIRTUAL_FILE_SYSTEMS =
  "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fusectl|hugetlbfs|mqueue|nsfs|overlay|proc|pstore|ramfs|securityfs|selinuxfs|squashfs|sysfs|tmpfs|tracefs)$";

/** Values of node-exporter's chart. */
export function nodeExporterValues(): ChartValues {
  return {
    extraArgs: [
      `--collector.netclass.ignored-devices=${PODS_INTERFACES}`,
      `--collector.netdev.device-exclude=${PODS_INTERFACES}`,
      `--collector.filesystem.mount-points-exclude=${PODS_MOUNTS}`,
      `--collector.filesystem.fs-types-exclude=${VIRTUAL_FILE_SYSTEMS}`,
      // What Talos does not have, or nobody asks for.
      ...["arp", "bcache", "bonding", "btrfs", "edac", "fibrechannel", "infiniband", "ipvs", "nfs", "nfsd"].map(off),
      ...["selinux", "softnet", "tapestats", "udp_queues", "xfs", "zfs"].map(off),
    ],
    service: {
      // Nobody asks through a Service, and the node's public address is no place for it.
      enabled: false,
      listenOnAllInterfaces: false,
      annotations: {},
    },
    podAnnotations: {},
    priorityClassName: priorities.platform.name,
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    containerSecurityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    // The host's /proc is mounted; its own view of processes is enough.
    hostPID: false,
    // On every node, whatever else it is kept for.
    tolerations: [{ operator: "Exists" }],
    // A busy exporter is spared: it is the same question as readiness.
    livenessProbe: { failureThreshold: 6 },
    resources: { ...resources(10, 32, 64) },
  };
}

function off(collector: string): string {
  return `--no-collector.${collector}`;
}
