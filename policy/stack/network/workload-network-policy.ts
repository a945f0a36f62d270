import type { StackRule, StackView } from "../../framework/rule";
import { hardeningGuide } from "../../kubernetes/frameworks";
import { modelOf, type Pods, systemNamespaces } from "../model/model";
import { type Direction, networkPolicies, podsOf } from "./policies";

/** The directions in which each group of pods is closed. */
function closedPods(stack: StackView): { closed: Map<Pods, Set<Direction>>; unread: Set<string> } {
  const model = modelOf(stack);
  const closed = new Map<Pods, Set<Direction>>();
  /** Namespaces with a policy that could not be read; empty for one of the whole cluster. */
  const unread = new Set<string>();
  for (const { thing, closings } of networkPolicies(model)) {
    const read = stack.read(thing.subject, closings);
    if (read === undefined) unread.add(thing.namespace);
    for (const closing of read ?? []) {
      for (const pods of podsOf(closing, model)) {
        const directions = closed.get(pods) ?? new Set();
        closed.set(pods, directions);
        for (const direction of closing.directions) directions.add(direction);
      }
    }
  }
  return { closed, unread };
}

export const workloadNetworkPolicy: StackRule = {
  name: "workload-network-policy",
  description:
    "Every pod, also those that operators make, is selected by a network policy in both directions: nothing talks to " +
    "anything unless a policy says so.",
  severity: "high",
  level: "mandatory",
  remediation:
    "Give the namespace a NetworkPolicy with an empty podSelector and policyTypes [Ingress, Egress], then open each path.",
  framework: hardeningGuide("Network separation"),
  config: {
    properties: {
      ignore: {
        type: "array",
        items: { type: "string" },
        default: [],
        description: "Namespaces that somebody else closes, beside the system's own.",
      },
    },
  },
  check: (stack, { ignore = [] }) => {
    const { closed, unread } = closedPods(stack);
    return modelOf(stack)
      .pods.filter(({ namespace }) => !systemNamespaces.has(namespace) && !ignore.includes(namespace))
      .flatMap((pods) => {
        const { subject } = pods.thing;
        // No policy holds pods in the host's network: that is the workload rules' matter.
        if (stack.read(subject, () => pods.spec().hostNetwork === true) !== false) return [];
        const open = (["Ingress", "Egress"] as const).filter((direction) => !closed.get(pods)?.has(direction));
        // A policy that could not be read may be the one; it is listed as not evaluated.
        if (open.length === 0 || unread.has(pods.namespace) || unread.has("")) return [];
        return [{ subject, message: `${pods.what}: no network policy closes ${open.join(" and ")}` }];
      });
  },
};
