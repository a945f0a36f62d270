import type { Props, StackRule, StackView } from "../../framework/rule";
import { modelOf, type Pods, type Thing } from "../model/model";
import { podCount, podsOfBudget } from "./workloads";

const defaultMembers = [
  "clickhouse-keeper",
  "consul",
  "etcd",
  "mongodb",
  "nats",
  "neo4j",
  "qdrant",
  "rabbitmq",
  "vault",
  "zookeeper",
];

/** The software, by the label that everybody sets. */
const isMember = (pods: Pods, members: readonly string[]) =>
  pods.thing.kind === "StatefulSet" && members.includes(pods.labels?.["app.kubernetes.io/name"] ?? "");

/** Whether the budget keeps all but one. */
function keepsQuorum({ minAvailable, maxUnavailable }: Props, replicas: number): boolean {
  const leaves =
    maxUnavailable === undefined
      ? replicas - podCount(minAvailable ?? 1, replicas)
      : podCount(maxUnavailable, replicas);
  return leaves <= 1;
}

export const quorumOdd: StackRule = {
  name: "quorum-odd",
  description:
    "What decides by majority has 1, 3, 5 or 7 members, and its PodDisruptionBudget lets one go at a time: an even " +
    "member adds cost and no safety.",
  severity: "medium",
  level: "advisory",
  remediation: "Set replicas to 3 or 5, and maxUnavailable: 1 in its PodDisruptionBudget.",
  config: {
    properties: {
      members: {
        type: "array",
        items: { type: "string" },
        default: defaultMembers,
        description: "Software that decides by majority, by the pods' label app.kubernetes.io/name.",
      },
    },
  },
  check: (stack, { members = defaultMembers }) => {
    const model = modelOf(stack);
    const budgets = budgetsByPods(stack);
    return model.pods
      .filter((pods) => isMember(pods, members))
      .flatMap((pods) => {
        const { subject } = pods.thing;
        const replicas = stack.read(subject, () => pods.replicas() ?? 0) ?? 0;
        const loose = (budgets.get(pods) ?? []).filter(
          (budget) => stack.read(budget.subject, ({ spec }) => keepsQuorum(spec ?? {}, replicas)) === false,
        );
        return [
          ...(replicas > 1 && replicas % 2 === 0 ? [`it has ${replicas} members: an even number`] : []),
          ...loose.map(({ name }) => `PodDisruptionBudget ${name} lets more than one member go`),
        ].map((message) => ({ subject, message }));
      });
  },
};

/** The budgets of each group of pods. */
function budgetsByPods(stack: StackView): Map<Pods, Thing[]> {
  const model = modelOf(stack);
  const budgets = new Map<Pods, Thing[]>();
  for (const budget of model.ofKind("policy", "PodDisruptionBudget")) {
    for (const pods of stack.read(budget.subject, () => podsOfBudget(budget, model)) ?? []) {
      budgets.set(pods, [...(budgets.get(pods) ?? []), budget]);
    }
  }
  return budgets;
}
