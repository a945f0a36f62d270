import type { Props, StackRule, StackView } from "../../framework/rule";
import { modelOf, systemNamespaces } from "../model/model";
import { networkPolicies } from "./policies";

const isDns = (port: unknown) => port === 53 || port === "53" || port === "dns";

/** Whether a rule for outgoing traffic leaves port 53 open. */
function opensDns(rule: Props): boolean {
  const ports = (rule.ports ?? []) as Props[];
  const ciliumPorts = ((rule.toPorts ?? []) as Props[]).flatMap((each) => (each.ports ?? []) as Props[]);
  if (ports.length === 0 && ciliumPorts.length === 0) return true;
  return [...ports, ...ciliumPorts].some(
    ({ port, endPort }) => isDns(port) || (typeof port === "number" && port <= 53 && endPort >= 53),
  );
}

/** Namespaces in which somebody may ask for names; one is enough: which pods need it is theirs to know. */
function withDns(stack: StackView): { namespaces: Set<string>; denied: Set<string> } {
  const namespaces = new Set<string>();
  const denied = new Set<string>();
  for (const { thing, closings } of networkPolicies(modelOf(stack))) {
    const { props } = thing.subject;
    const found = stack.read(thing.subject, () => {
      const specs = [props.spec, ...((props.specs ?? []) as Props[])].filter((spec) => spec !== undefined) as Props[];
      const rules = specs.flatMap((spec) => (spec.egress ?? []) as Props[]);
      return { dns: rules.some(opensDns), closes: closings().some(({ directions }) => directions.includes("Egress")) };
    });
    // What could not be read may be what opens it.
    if (found === undefined || found.dns) namespaces.add(thing.namespace);
    if (found?.closes) denied.add(thing.namespace);
  }
  return { namespaces, denied };
}

export const namespaceDns: StackRule = {
  name: "namespace-dns",
  description:
    "A namespace that denies outgoing traffic lets its pods ask for names: else nothing in it finds anything.",
  severity: "medium",
  level: "advisory",
  remediation: "Add a NetworkPolicy that allows egress to kube-dns on port 53, UDP and TCP.",
  check: (stack) => {
    const { namespaces, denied } = withDns(stack);
    return modelOf(stack)
      .ofKind("core", "Namespace")
      .filter(
        ({ name }) => denied.has(name) && !namespaces.has(name) && !namespaces.has("") && !systemNamespaces.has(name),
      )
      .map(({ subject, name }) => ({ subject, message: `namespace ${name} denies Egress and has no way to DNS` }));
  },
};
