import type { Props } from "../../framework/rule";
import type { Model, Pods, Thing } from "../model/model";
import { matches, type Selector, selectorOf, selectsAll, withoutSources } from "../model/selector";

export type Direction = "Ingress" | "Egress";

/** A network policy as far as it says which pods it is for, and in which direction it closes them. */
export interface Closing {
  thing: Thing;
  /** undefined: of every namespace. */
  namespace: string | undefined;
  selector: Selector;
  directions: readonly Direction[];
}

/** Cilium puts the namespace among the labels of a cluster-wide selector. */
const namespaceLabel = "io.kubernetes.pod.namespace";

function ofKubernetes(thing: Thing): Closing[] {
  const { spec = {} } = thing.subject.props;
  const types = (spec.policyTypes ?? ["Ingress", ...(spec.egress === undefined ? [] : ["Egress"])]) as Direction[];
  return [{ thing, namespace: thing.namespace, selector: selectorOf(spec.podSelector), directions: [...types] }];
}

/** Without enableDefaultDeny, a Cilium rule closes the directions that it has a section for. */
function ofCilium(thing: Thing): Closing[] {
  const { spec, specs } = thing.subject.props;
  const rules = [...(spec === undefined ? [] : [spec]), ...((specs ?? []) as Props[])] as Props[];
  return rules
    .filter((rule) => rule.endpointSelector !== undefined)
    .map((rule) => {
      const selector = withoutSources(selectorOf(rule.endpointSelector));
      const named = selector.equal.find(([key]) => key === namespaceLabel)?.[1];
      const closes = (section: "ingress" | "egress") =>
        rule.enableDefaultDeny?.[section] !== false &&
        (rule[section] !== undefined || rule[`${section}Deny`] !== undefined);
      return {
        thing,
        namespace: thing.namespace === "" ? named : thing.namespace,
        selector: { ...selector, equal: selector.equal.filter(([key]) => key !== namespaceLabel) },
        directions: [
          ...(closes("ingress") ? (["Ingress"] as const) : []),
          ...(closes("egress") ? (["Egress"] as const) : []),
        ],
      };
    });
}

/** Network policies of every kind, with how to take each apart. It throws at what is not known yet. */
export const networkPolicies = (model: Model): { thing: Thing; closings: () => Closing[] }[] => [
  ...model
    .ofKind("networking.k8s.io", "NetworkPolicy")
    .map((thing) => ({ thing, closings: () => ofKubernetes(thing) })),
  ...["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"]
    .flatMap((kind) => model.ofKind("cilium.io", kind))
    .map((thing) => ({ thing, closings: () => ofCilium(thing) })),
];

/** The pods that a policy is for. */
export function podsOf({ namespace, selector }: Closing, model: Model): readonly Pods[] {
  if (namespace === undefined)
    return model.pods.filter(({ labels }) => labels !== undefined && matches(labels, selector));
  return selectsAll(selector) ? model.podsIn(namespace) : model.select(namespace, selector);
}
