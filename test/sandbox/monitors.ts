import type { V1Pod } from "@kubernetes/client-node";
import type { Operator } from "./operator";

interface PodMonitor {
  metadata: { name: string; namespace: string };
  spec: {
    selector: { matchLabels?: Record<string, string>; matchExpressions?: { key: string; operator: string }[] };
    podMetricsEndpoints: { port?: string }[];
  };
}

/** PodMonitors of which no running pod has the labels and the port, with what is missing. */
export async function blindMonitors({ kubectl, pods }: Pick<Operator, "kubectl" | "pods">): Promise<string[]> {
  const { items } = JSON.parse(await kubectl("get", "podmonitors", "--all-namespaces", "--output=json")) as {
    items: PodMonitor[];
  };
  if (items.length === 0) throw new Error("There is no PodMonitor.");
  const running = (await pods()).filter(({ status }) => status?.phase === "Running");
  return items.flatMap(({ metadata: { name, namespace }, spec }) => {
    const chosen = running.filter((pod) => pod.metadata?.namespace === namespace && isChosen(pod, spec.selector));
    if (chosen.length === 0) return [`${namespace}/${name}: no pod`];
    return (
      spec.podMetricsEndpoints
        // One that names no port asks at a number that the containers say nothing of.
        .filter(({ port }) => port !== undefined && !chosen.some((pod) => portsOf(pod).includes(port)))
        .map(({ port }) => `${namespace}/${name}: no port ${port}`)
    );
  });
}

function isChosen({ metadata }: V1Pod, { matchLabels = {}, matchExpressions = [] }: PodMonitor["spec"]["selector"]) {
  const labels = metadata?.labels ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator }) => operator === (key in labels ? "Exists" : "DoesNotExist"))
  );
}

function portsOf({ spec }: V1Pod): (string | undefined)[] {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return containers.flatMap(({ ports = [] }) => ports.map(({ name }) => name));
}
