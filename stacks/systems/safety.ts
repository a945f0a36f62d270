import type { FlowLog } from "../../components/platform/cilium-values";
import { Falco } from "../../components/platform/safety/falco";
import { MetricsServer } from "../../components/platform/safety/metrics-server";
import { NodeFeatureDiscovery } from "../../components/platform/safety/node-feature-discovery";
import type { Settings } from "../settings";
import { schedulableNodes } from "../settings/rules/control-plane";
import type { SystemContext } from "./context";

/** What of it others come after. */
export interface SafetySystems {
  readonly nodeFeatures?: NodeFeatureDiscovery;
}

/** Metrics, node features, and what watches the nodes. PriorityClasses are the platform's: everything comes after them. */
export function createSafety({ settings, platform, opts }: SystemContext): SafetySystems {
  const { falco, metricsServer, nodeFeatureDiscovery } = settings.safety;
  const { charts, environment, namespaces } = platform;
  if (metricsServer.enabled) {
    const nodes = schedulableNodes(settings);
    new MetricsServer("metrics-server", { charts, environment, nodes }, { ...opts, dependsOn: [platform] });
  }
  const nodeFeatures = nodeFeatureDiscovery.enabled
    ? new NodeFeatureDiscovery("node-feature-discovery", { charts, namespaces }, opts)
    : undefined;
  if (falco.enabled) {
    new Falco("falco", { charts, namespaces, priority: falco.priority }, opts);
  }
  return { nodeFeatures };
}

/** What Cilium writes to its log; it is a part of the platform, which comes first. */
export function flowLog({ safety: { hubbleFlows } }: Pick<Settings, "safety">): FlowLog | undefined {
  return hubbleFlows.enabled ? { verdicts: hubbleFlows.verdicts } : undefined;
}
