import type { StackRule } from "../../framework/rule";
import { modelOf, type Pods } from "../model/model";
import { podsOfBudget } from "./workloads";

const replicated = new Set(["Deployment", "StatefulSet"]);

export const workloadBudget: StackRule = {
  name: "workload-budget",
  description: "What has several replicas has a PodDisruptionBudget: a drain takes one at a time.",
  severity: "medium",
  level: "advisory",
  remediation: "Add a PodDisruptionBudget with maxUnavailable: 1.",
  check: (stack) => {
    const model = modelOf(stack);
    const covered = new Set<Pods>();
    const unread = new Set<string>();
    for (const thing of model.ofKind("policy", "PodDisruptionBudget")) {
      const pods = stack.read(thing.subject, () => podsOfBudget(thing, model));
      if (pods === undefined) unread.add(thing.namespace);
      for (const each of pods ?? []) covered.add(each);
    }
    return (
      model.pods
        // Operators make budgets of their own.
        .filter((pods) => !pods.byOperator && replicated.has(pods.thing.kind) && !covered.has(pods))
        .filter(({ namespace }) => !unread.has(namespace))
        .flatMap((pods) => {
          const { subject } = pods.thing;
          const replicas = stack.read(subject, () => pods.replicas() ?? 1) ?? 1;
          return replicas > 1 ? [{ subject, message: `it has ${replicas} replicas and no PodDisruptionBudget` }] : [];
        })
    );
  },
};
