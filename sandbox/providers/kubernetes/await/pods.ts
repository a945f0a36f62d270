import { isMap, type PropertyValue } from "../../framework";
import type { ApiClient } from "../client";
import { integer, type KubeObject, list, nameOf, namespaceOf, pluck, text } from "../objects";

const MAX_PROBLEMS = 8;

/** The reasons why a workload's pods are not ready, most telling first, each once. */
export async function podProblems(client: ApiClient, workload: KubeObject, signal: AbortSignal): Promise<string[]> {
  const pods = await ownPods(client, workload, signal).catch(() => []);
  const problems = new Map<string, string[]>();
  for (const pod of pods) {
    for (const problem of problemsOfPod(pod)) {
      problems.set(problem, [...(problems.get(problem) ?? []), nameOf(pod)]);
    }
  }
  return [...problems].slice(0, MAX_PROBLEMS).map(([problem, names]) => `${podNames(names)}: ${problem}`);
}

function podNames(names: string[]): string {
  const [first = ""] = names;
  return names.length === 1 ? `Pod ${first}` : `Pod ${first} and ${names.length - 1} more`;
}

async function ownPods(client: ApiClient, workload: KubeObject, signal: AbortSignal): Promise<KubeObject[]> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespaceOf(workload))}/pods`;
  if (workload["kind"] === "Pod") {
    return [workload];
  }
  const labelSelector = formatSelector(pluck(workload, "spec", "selector"));
  if (labelSelector === "") {
    return [];
  }
  const { object } = await client.request({ method: "GET", path, query: { labelSelector }, signal });
  return list(object, "items").filter(isMap);
}

/** A label selector as the API takes it in a query. */
export function formatSelector(selector: PropertyValue | undefined): string {
  const labels = pluck(selector, "matchLabels");
  const equal = isMap(labels) ? Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`) : [];
  const expressions = list(selector, "matchExpressions").map((expression) => {
    const key = text(expression, "key");
    const values = `(${list(expression, "values").join(",")})`;
    switch (text(expression, "operator")) {
      case "In":
        return `${key} in ${values}`;
      case "NotIn":
        return `${key} notin ${values}`;
      case "DoesNotExist":
        return `!${key}`;
      default:
        return key;
    }
  });
  return [...equal, ...expressions].join(",");
}

/** Why one pod is not ready; empty when it is, or when nothing is known yet. */
export function problemsOfPod(pod: KubeObject): string[] {
  if (text(pod, "status", "phase") === "Succeeded" || conditionOf(pod, "Ready")?.status === "True") {
    return [];
  }
  const scheduled = conditionOf(pod, "PodScheduled");
  if (scheduled?.status === "False") {
    return [`[${scheduled.reason || "Unschedulable"}] ${scheduled.message}`];
  }
  const containers = [...list(pod, "status", "initContainerStatuses"), ...list(pod, "status", "containerStatuses")];
  const problems = containers.flatMap(problemsOfContainer);
  if (problems.length > 0) {
    return problems;
  }
  const reason = text(pod, "status", "reason");
  if (text(pod, "status", "phase") === "Failed") {
    return [`[${reason || "Failed"}] ${text(pod, "status", "message") || "the pod failed"}`];
  }
  const ready = conditionOf(pod, "Ready");
  return ready?.message ? [`[${ready.reason || "NotReady"}] ${ready.message}`] : [];
}

function problemsOfContainer(status: PropertyValue): string[] {
  if (!isMap(status) || status["ready"] === true) {
    return [];
  }
  const name = text(status, "name");
  const problems: string[] = [];
  const waiting = pluck(status, "state", "waiting");
  const reason = text(waiting, "reason");
  if (reason !== "" && reason !== "ContainerCreating" && reason !== "PodInitializing") {
    problems.push(`container ${name}: [${reason}] ${text(waiting, "message")}`.trim());
  }
  for (const terminated of [pluck(status, "state", "terminated"), pluck(status, "lastState", "terminated")]) {
    const exitCode = integer(terminated, "exitCode") ?? 0;
    if (exitCode !== 0) {
      const why = [text(terminated, "reason"), text(terminated, "message")].filter((part) => part !== "").join(": ");
      problems.push(`container ${name} ended with exit code ${exitCode}${why === "" ? "" : ` (${why})`}`);
    }
  }
  return problems;
}

export interface Condition {
  status: string;
  reason: string;
  message: string;
  observedGeneration?: number;
}

export function conditionOf(object: KubeObject, type: string): Condition | undefined {
  const found = list(object, "status", "conditions").find((condition) => text(condition, "type") === type);
  return found === undefined
    ? undefined
    : {
        status: text(found, "status"),
        reason: text(found, "reason"),
        message: text(found, "message"),
        observedGeneration: integer(found, "observedGeneration"),
      };
}
