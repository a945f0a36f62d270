import type { StackRule } from "../../framework/rule";
import { eachOf } from "../model/each";
import type { Model, Thing } from "../model/model";

function look({ subject, namespace }: Thing, model: Model): string[] {
  const { spec } = subject.props;
  const wrong: string[] = [];
  const [least, most] = [spec?.minReplicas ?? 1, spec?.maxReplicas];
  if (most === undefined || most < least) wrong.push(`maxReplicas ${most} is less than minReplicas ${least}`);
  const { apiVersion = "", kind, name } = spec?.scaleTargetRef ?? {};
  const group = String(apiVersion).includes("/") ? String(apiVersion).split("/")[0] : "core";
  const target = model.find(group ?? "core", String(kind), namespace, String(name));
  if (target === undefined) {
    if (!model.mayHaveMore(namespace)) wrong.push(`its target ${kind} ${name} is not there`);
  } else if (target.subject.props.spec?.replicas !== undefined && target.subject.rendered === undefined) {
    // Helm compares with what it last set, not with what is there: in a chart the number is only the first one.
    wrong.push(`its target ${kind} ${name} sets replicas: every up undoes what the autoscaler did`);
  }
  return wrong;
}

export const autoscalerSound: StackRule = {
  name: "autoscaler-sound",
  description:
    "A HorizontalPodAutoscaler has a range, a target that is there, and that target leaves the number to it.",
  severity: "high",
  level: "mandatory",
  remediation: "Correct the range or scaleTargetRef, and leave replicas out of the target.",
  check: (stack) => eachOf(stack, "autoscaling", "HorizontalPodAutoscaler", look),
};
