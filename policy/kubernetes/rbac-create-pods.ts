import type { Rule } from "../framework/rule";
import { cisKubernetes } from "./frameworks";
import { covers, grants, isRole, verbsOf } from "./rbac";

export const rbacCreatePods: Rule = {
  name: "rbac-create-pods",
  description: "No role can create pods: a pod can mount every Secret of its namespace.",
  severity: "medium",
  level: "advisory",
  remediation: "Remove the grant; what cannot do without it needs a reviewed exception.",
  framework: cisKubernetes("5.1.4"),
  appliesTo: isRole,
  check: (subject) =>
    grants(subject)
      .filter((grant) => covers(grant, "", "pods") && verbsOf(grant, ["create"]).length > 0)
      .map(({ path }) => `${path} may create pods`),
};
