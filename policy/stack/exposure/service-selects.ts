import type { Props, StackRule } from "../../framework/rule";
import { containers } from "../../kubernetes/objects";
import { eachOf } from "../model/each";
import type { Model, Pods, Thing } from "../model/model";
import { equalTo, selectorText } from "../model/selector";

/** Target ports by name that none of the pods has. A number needs no declaration. */
function missingPorts(ports: readonly Props[], pods: readonly Pods[]): string[] {
  // What an operator makes of its pods' ports is not written anywhere.
  if (pods.some(({ byOperator }) => byOperator)) return [];
  const names = new Set(
    pods.flatMap((each) =>
      containers(each.spec()).flatMap(({ container }) => ((container.ports ?? []) as Props[]).map(({ name }) => name)),
    ),
  );
  return ports
    .filter(({ targetPort }) => typeof targetPort === "string" && !/^\d+$/.test(targetPort) && !names.has(targetPort))
    .map(({ targetPort }) => `no container of its pods has a port named ${targetPort}`);
}

function look({ subject, namespace }: Thing, model: Model): string[] {
  const { spec } = subject.props;
  const selector = equalTo(spec?.selector);
  // A chart's own are its authors' to test; without a selector somebody else writes the endpoints.
  if (subject.rendered !== undefined || selector.equal.length === 0 || spec?.type === "ExternalName") return [];
  const pods = model.select(namespace, selector);
  if (pods.length > 0) return missingPorts((spec?.ports ?? []) as Props[], pods);
  return model.mayHaveMorePods(namespace) ? [] : [`it selects no pods: ${selectorText(selector)}`];
}

export const serviceSelects: StackRule = {
  name: "service-selects",
  description: "Every Service selects pods that there are, and its target ports are theirs.",
  severity: "high",
  level: "mandatory",
  remediation: "Correct the selector or targetPort.",
  check: (stack) => eachOf(stack, "core", "Service", look),
};
