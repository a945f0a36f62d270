import type { StackView } from "../../framework/rule";
import type { Model, Pods, Thing } from "../model/model";
import { selectorOf } from "../model/selector";

/** The pods that a PodDisruptionBudget is for. Throws at what is not known yet. */
export const podsOfBudget = ({ subject, namespace }: Thing, model: Model): readonly Pods[] =>
  model.select(namespace, selectorOf(subject.props.spec?.selector));

const targetKey = (namespace: string, kind: unknown, name: unknown) => `${namespace}/${kind}/${name}`;

/** Autoscalers by what they scale. Ones whose target is not known yet are left out. */
export function autoscalers(model: Model, stack: StackView): Map<string, Thing> {
  return new Map(
    model.ofKind("autoscaling", "HorizontalPodAutoscaler").flatMap((thing): [string, Thing][] => {
      const target = stack.read(thing.subject, ({ spec }) =>
        targetKey(thing.namespace, spec?.scaleTargetRef?.kind, spec?.scaleTargetRef?.name),
      );
      return target === undefined ? [] : [[target, thing]];
    }),
  );
}

export const autoscalerOf = (all: ReadonlyMap<string, Thing>, { thing }: Pods) =>
  all.get(targetKey(thing.namespace, thing.kind, thing.name));

/** What an absolute or relative number of pods comes to; Kubernetes rounds both up. */
export function podCount(value: unknown, replicas: number): number {
  const text = String(value);
  return text.endsWith("%") ? Math.ceil((Number(text.slice(0, -1)) / 100) * replicas) : Number(text);
}
