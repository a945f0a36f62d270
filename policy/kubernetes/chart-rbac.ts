import type { Rule } from "../framework/rule";
import { cisKubernetes } from "./frameworks";
import { isBinding, isRole } from "./rbac";
import { findings as clusterAdmin } from "./rbac-cluster-admin";
import { findings as escalation } from "./rbac-escalation";
import { findings as wildcard } from "./rbac-wildcard";

export const chartRbac: Rule = {
  name: "chart-rbac",
  description:
    "Lists charts whose roles have all verbs or all resources, can give themselves more, or are cluster-admin: whoever " +
    "takes over their pods has the cluster.",
  severity: "high",
  level: "advisory",
  remediation:
    "Look for a value of the chart that asks for less; what needs it all belongs into a namespace of its own.",
  framework: cisKubernetes("5.1"),
  appliesTo: (type) => isRole(type) || isBinding(type),
  check: (subject) => {
    if (subject.rendered === undefined) return [];
    return isBinding(subject.type) ? clusterAdmin(subject) : [...wildcard(subject), ...escalation(subject)];
  },
};
