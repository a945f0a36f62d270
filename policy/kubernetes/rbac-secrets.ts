import type { Rule } from "../framework/rule";
import { cisKubernetes } from "./frameworks";
import { covers, grants, isRole, verbsOf } from "./rbac";

export const rbacSecrets: Rule = {
  name: "rbac-secrets",
  description: "Roles read Secrets only by name.",
  severity: "high",
  level: "advisory",
  remediation: "Set resourceNames; what cannot do without it needs a reviewed exception.",
  framework: cisKubernetes("5.1.2"),
  appliesTo: isRole,
  check: (subject) =>
    grants(subject).flatMap((grant) => {
      const verbs = verbsOf(grant, ["get", "list", "watch"]);
      return covers(grant, "", "secrets") && grant.names.length === 0 && verbs.length > 0
        ? [`${grant.path} may ${verbs.join(", ")} every Secret that it can reach`]
        : [];
    }),
};
