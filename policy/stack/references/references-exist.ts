import type { Finding, StackRule, StackView, Subject } from "../../framework/rule";
import { type Model, modelOf } from "../model/model";
import { madeByOperators } from "./made";
import { authoritiesOf, type Reference, referencesOf } from "./references";

/** What every cluster has, or every namespace. */
const everywhere = new Set([
  "ServiceAccount/default",
  "ConfigMap/kube-root-ca.crt",
  "PriorityClass/system-cluster-critical",
  "PriorityClass/system-node-critical",
]);

const groupOfKind: Partial<Record<Reference["kind"], string>> = { PriorityClass: "scheduling.k8s.io" };

function isThere({ kind, name }: Reference, namespace: string, model: Model): boolean {
  const inNamespace = kind === "PriorityClass" ? "" : namespace;
  return (
    everywhere.has(`${kind}/${name}`) || model.find(groupOfKind[kind] ?? "core", kind, inNamespace, name) !== undefined
  );
}

const config: StackRule["config"] = {
  properties: {
    present: {
      type: "array",
      items: { type: "string" },
      default: [],
      description: "What is there although the stack does not make it: `Secret/namespace/name`.",
    },
  },
};

interface Needs {
  readonly subject: Subject;
  readonly namespace: string;
  /** Throws at what is not known yet. */
  readonly references: () => Reference[];
}

function ofPods(model: Model, ofCharts: boolean): Needs[] {
  return model.pods
    .filter(({ byOperator, thing }) => !byOperator && (thing.subject.rendered !== undefined) === ofCharts)
    .map(({ thing: { subject, namespace }, spec }) => ({
      subject,
      namespace,
      references: () => referencesOf(spec()),
    }));
}

function ofRoutes(model: Model): Needs[] {
  return Object.entries(authoritiesOf).flatMap(([key, authorities]) => {
    const [group = "", kind = ""] = key.split("/");
    return model.ofKind(group, kind).map(({ subject, namespace }) => ({
      subject,
      namespace,
      references: () => authorities(subject.props, namespace),
    }));
  });
}

/** What is needed and nothing makes: by the stack's own pods and routes, or by pods that charts bring. */
function missing(stack: StackView, present: readonly string[], ofCharts: boolean): Finding[] {
  const model = modelOf(stack);
  const made = madeByOperators(model, stack);
  const isPresent = new Set(present);
  const mayCome = ({ kind }: Reference, namespace: string) =>
    kind === "PriorityClass" ? stack.unseen.length > 0 : model.mayHaveMore(namespace);
  return [...ofPods(model, ofCharts), ...(ofCharts ? [] : ofRoutes(model))].flatMap(
    ({ subject, namespace, references }) =>
      (stack.read(subject, references) ?? [])
        .filter((reference) => {
          const { kind, name } = reference;
          return !(
            isThere(reference, namespace, model) ||
            made.has(kind, namespace, name) ||
            isPresent.has(`${kind}/${namespace}/${name}`) ||
            mayCome(reference, namespace)
          );
        })
        .map(({ kind, name, where }) => ({
          subject,
          message: `${where} needs ${kind} ${kind === "PriorityClass" ? "" : `${namespace}/`}${name}, which nothing makes`,
        })),
  );
}

const what = "Secret, ConfigMap, ServiceAccount, PriorityClass and claim";

export const referencesExist: StackRule = {
  name: "references-exist",
  description: `Every ${what} that a pod or the TLS of a route needs is in the stack, or an operator makes it.`,
  severity: "high",
  level: "mandatory",
  remediation:
    "Correct the name, add what is missing, or set optional: true. What somebody else makes goes into `present`.",
  config,
  check: (stack, { present = [] }) => missing(stack, present, false),
};

export const chartReferencesExist: StackRule = {
  name: "chart-references-exist",
  description:
    `Every ${what} that a chart's pod needs is in the chart or in the stack, unless the chart makes it when it runs: ` +
    "look at those that its values name.",
  severity: "medium",
  level: "advisory",
  remediation:
    "Correct the name in the chart's values, or add what is missing. What the chart makes itself goes into `present`.",
  config,
  check: (stack, { present = [] }) => missing(stack, present, true),
};
