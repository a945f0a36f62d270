import type { PolicyResource, StackValidationPolicy } from "@pulumi/policy";
import type { ExceptionBook } from "../framework/exceptions";
import type { Props } from "../framework/rule";
import { judge } from "../framework/unknown";
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

const NAME = "namespace-default-deny";

export const namespaceDefaultDeny = (book: ExceptionBook): StackValidationPolicy => ({
  name: NAME,
  description: "Every namespace of the stack denies all traffic both ways unless a policy allows it.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps: "Add a NetworkPolicy with an empty podSelector and policyTypes [Ingress, Egress] and no rules.",
  configSchema: {
    properties: {
      ignore: {
        type: "array",
        items: { type: "string" },
        default: [],
        description: "Namespaces that somebody else closes, beside the system's own.",
      },
    },
  },
  validateStack: ({ resources, getConfig }, report) => {
    const { ignore = [] } = getConfig<{ ignore?: string[] }>();
    const denied = new Map<string, Set<string>>();
    for (const resource of resources.filter(({ type }) => kindOf(type) === "NetworkPolicy")) {
      const namespace = nameIn(resource, (props) => props.metadata?.namespace);
      if (namespace === undefined) continue;
      const verdict = judge(() => deniedByDefault(resource.props));
      const directions = denied.get(namespace) ?? new Set();
      denied.set(namespace, directions);
      if (verdict.kind === "findings") for (const direction of verdict.findings) directions.add(direction);
    }
    for (const resource of resources.filter(({ type }) => kindOf(type) === "Namespace")) {
      const name = nameIn(resource, (props) => props.metadata?.name);
      if (name === undefined || systemNamespaces.has(name) || ignore.includes(name)) continue;
      if (book.covers(NAME, resource)) continue;
      const missing = ["Ingress", "Egress"].filter((direction) => !denied.get(name)?.has(direction));
      if (missing.length > 0)
        report(`namespace ${name} does not deny ${missing.join(" and ")} by default`, resource.urn);
    }
  },
});

/** A name that may not be known yet. */
function nameIn(resource: PolicyResource, read: (props: Props) => string | undefined): string | undefined {
  let name: string | undefined;
  judge(() => {
    name = read(resource.props);
    return [];
  });
  return name;
}
