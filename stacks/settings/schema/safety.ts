import { z } from "zod";
import { doc } from "./doc";

const MetricsServer = z.strictObject({
  enabled: doc(z.boolean().default(true), "Run metrics-server: `kubectl top`, and autoscaling by CPU and memory."),
});

const NodeFeatureDiscovery = z.strictObject({
  enabled: doc(
    z.boolean().default(false),
    "Run Node Feature Discovery: labels that say what CPU and PCI devices each node has.",
  ),
});

const Falco = z.strictObject({
  enabled: doc(
    z.boolean().default(false),
    "Run Falco on every node: it reports what processes do that they should not, in its log. Takes 512 MiB of each node.",
  ),
  priority: doc(
    z
      .enum(["emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"])
      .default("notice"),
    "Rules below this priority are not loaded.",
  ),
});

const HubbleFlows = z.strictObject({
  enabled: doc(
    z.boolean().default(false),
    "Write network flows to the log of the Cilium agents, for the log store to keep.",
  ),
  verdicts: doc(
    z.array(z.enum(["FORWARDED", "DROPPED", "ERROR", "AUDIT", "REDIRECTED"])).default(["DROPPED", "ERROR"]),
    "Which flows. All of them are many: FORWARDED is every connection.",
    { allowed: "at least one, each once" },
  ),
});

/** What watches and measures the cluster. */
export const SafetySettings = z.strictObject({
  metricsServer: doc(MetricsServer.prefault({}), "CPU and memory of nodes and pods, as they are now."),
  nodeFeatureDiscovery: doc(NodeFeatureDiscovery.prefault({}), "What the nodes' hardware can do."),
  falco: doc(Falco.prefault({}), "Watches system calls on the nodes."),
  hubbleFlows: doc(HubbleFlows.prefault({}), "A record of the network's flows, by Cilium's Hubble."),
});
