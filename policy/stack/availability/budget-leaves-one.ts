import type { StackRule } from "../../framework/rule";
import { eachOf } from "../model/each";
import { type Model, modelOf, type Thing } from "../model/model";
import { selectorOf, selectorText } from "../model/selector";
import { autoscalerOf, autoscalers, podCount, podsOfBudget } from "./workloads";

function look(thing: Thing, model: Model, scaled: ReadonlyMap<string, Thing>): string[] {
  const { spec } = thing.subject.props;
  const pods = podsOfBudget(thing, model);
  if (pods.length === 0) {
    return model.mayHaveMorePods(thing.namespace)
      ? []
      : [`it is for no pods: ${selectorText(selectorOf(spec?.selector))}`];
  }
  const counts = pods.map((each) => {
    const autoscaler = autoscalerOf(scaled, each);
    return autoscaler === undefined ? each.replicas() : (autoscaler.subject.props.spec?.minReplicas ?? 1);
  });
  // A DaemonSet's number is that of the nodes.
  if (counts.some((count) => count === undefined)) return [];
  const replicas = counts.reduce((sum: number, count) => sum + (count ?? 0), 0);
  if (replicas === 0) return [];
  const { minAvailable, maxUnavailable } = spec ?? {};
  const leaves =
    maxUnavailable === undefined
      ? replicas - podCount(minAvailable ?? 1, replicas)
      : podCount(maxUnavailable, replicas);
  if (leaves >= 1) return [];
  const asked = maxUnavailable === undefined ? `minAvailable ${minAvailable ?? 1}` : `maxUnavailable ${maxUnavailable}`;
  return [`of ${replicas} replicas, ${asked} lets none go: their nodes can never be drained`];
}

export const budgetLeavesOne: StackRule = {
  name: "budget-leaves-one",
  description:
    "Every PodDisruptionBudget is for pods that there are and lets at least one go, or no node is ever drained.",
  severity: "high",
  level: "mandatory",
  remediation: "Set maxUnavailable: 1, or delete the budget of a single replica.",
  check: (stack) => {
    const scaled = autoscalers(modelOf(stack), stack);
    return eachOf(stack, "policy", "PodDisruptionBudget", (thing, model) => look(thing, model, scaled));
  },
};
