import type { StackView } from "../../framework/rule";
import type { Model } from "../model/model";
import { operators } from "../model/operators";

const makers = { Secret: "secrets", ConfigMap: "configMaps", ServiceAccount: "serviceAccounts" } as const;

/** What operators make for the stack's custom resources: `kind/namespace/name`. */
export function madeByOperators(
  model: Model,
  stack: StackView,
): { has(kind: string, namespace: string, name: string): boolean } {
  const made = new Set<string>();
  /** Namespaces of custom resources that could not be read: they may make anything. */
  const blind = new Set<string>();
  for (const key of Object.keys(operators)) {
    const [group = "", kind = ""] = key.split("/");
    for (const { subject, namespace } of model.ofKind(group, kind)) {
      for (const [madeKind, field] of Object.entries(makers)) {
        const names = stack.read(subject, (props) => operators[key]?.[field]?.(props) ?? []);
        if (names === undefined) blind.add(namespace);
        for (const name of names ?? []) made.add(`${madeKind}/${namespace}/${name}`);
      }
    }
  }
  return {
    has: (kind, namespace, name) => made.has(`${kind}/${namespace}/${name}`) || blind.has(namespace),
  };
}
