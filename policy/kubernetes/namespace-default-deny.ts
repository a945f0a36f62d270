import type { Props, StackRule, StackView } from "../framework/rule";
import { kindOf } from "./objects";

/** Namespaces of the system's own, where the network's own pods live. */
const systemNamespaces = new Set(["kube-system", "kube-public", "kube-node-lease"]);

/** The directions that a NetworkPolicy closes for every pod of its namespace. */
export function deniedByDefault(policy: Props): string[] {
  const spec = policy.spec ?? {};
  const selectsAll =
    Object.keys(spec.podSelector?.matchLabels ?? {}).length === 0 &&
    (spec.podSelector?.matchExpressions ?? []).length === 0;
  if (!selectsAll) return [];
  return ((spec.policyTypes ?? []) as string[]).filter((direction) => {
    const rules = direction === "Ingress" ? spec.ingress : spec.egress;
    return ((rules ?? []) as Props[]).length === 0;
  });
}

export const namespaceDefaultDeny: StackRule = {
  name: "namespace-default-deny",
  description: "Every namespace of the stack denies all traffic both ways unless a policy allows it.",
  severity: "high",
  level: "mandatory",
  remediation: "Add a NetworkPolicy with an empty podSelector and policyTypes [Ingress, Egress] and no rules.",
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
    const denied = deniedIn(stack);
    return stack.subjects
      .filter(({ type }) => kindOf(type) === "Namespace")
      .flatMap((subject) => {
        const name = stack.read(subject, (props) => props.metadata?.name as string | undefined);
        if (name === undefined || systemNamespaces.has(name) || ignore.includes(name)) return [];
        const missing = ["Ingress", "Egress"].filter((direction) => !denied.get(name)?.has(direction));
        if (missing.length === 0) return [];
        return [{ subject, message: `namespace ${name} does not deny ${missing.join(" and ")} by default` }];
      });
  },
};

/** The directions that are closed for every pod, by namespace. */
function deniedIn(stack: StackView): Map<string, Set<string>> {
  const denied = new Map<string, Set<string>>();
  for (const subject of stack.subjects.filter(({ type }) => kindOf(type) === "NetworkPolicy")) {
    const namespace = stack.read(subject, (props) => props.metadata?.namespace as string | undefined);
    if (namespace === undefined) continue;
    const directions = stack.read(subject, deniedByDefault) ?? [];
    denied.set(namespace, new Set([...(denied.get(namespace) ?? []), ...directions]));
  }
  return denied;
}
