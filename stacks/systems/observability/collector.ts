import type { Consumer } from "../../../components/kit/capability";
import { Collector, TRACES_LABEL } from "../../../components/observability/collector";
import type { OutsideHosts } from "../../../components/observability/hosts";
import type { LogStore, MetricsStore, TraceStore } from "../../../components/observability/stores";
import { applicationNamespaces, collectorReplicas } from "../../settings/observability";
import type { SystemContext } from "../context";

export interface CollectorNeeds {
  /** @default - traces are not taken */
  readonly traces?: TraceStore;
  readonly metrics: MetricsStore;
  /** @default - logs over OTLP are not taken */
  readonly logs?: LogStore;
  /** Machines outside the cluster that send as well. @default - none */
  readonly hosts?: OutsideHosts;
}

/**
 * Takes OTLP from whoever said that it sends, from pods outside the program that bear the label, and from machines
 * outside the cluster. Where nobody may send there is none.
 */
export function createCollector(
  { settings, platform, opts }: SystemContext,
  { traces, metrics, logs, hosts }: CollectorNeeds,
): Collector | undefined {
  if (traces === undefined && hosts === undefined) return undefined;
  const { namespaces } = platform;
  const { size } = settings.observability;
  return new Collector(
    {
      traces,
      metrics,
      logs,
      namespaces,
      cluster: settings.cluster.name,
      replicas: collectorReplicas(settings),
      size,
      samplingPercent: settings.observability.traces.samplingPercent,
      senders: traces === undefined ? [] : [...namespaces.telemetry.tracing, ...labelledPods(platform)],
      parts: hosts === undefined ? [] : [hosts.part],
    },
    opts,
  );
}

/** In each namespace of applications that there is: pods with the label, whoever made them. */
function labelledPods({ namespaces }: SystemContext["platform"]): Consumer[] {
  return applicationNamespaces
    .filter((domain) => namespaces.has(domain))
    .map((domain) => {
      const namespace = namespaces.get(domain);
      const instance = "traced";
      return {
        namespace,
        identity: { name: instance, instance, component: "application", domain },
        pods: { namespace: domain, labels: TRACES_LABEL, instance },
      };
    });
}
