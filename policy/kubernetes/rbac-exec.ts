import type { Rule } from "../framework/rule";
import { hardeningGuide } from "./frameworks";
import { covers, grants, isRole, verbsOf } from "./rbac";

const doors = ["pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers", "nodes/proxy"];

export const rbacExec: Rule = {
  name: "rbac-exec",
  description: "No role can enter running pods.",
  severity: "high",
  level: "advisory",
  remediation: "Remove the grant; what cannot do without it needs a reviewed exception.",
  framework: hardeningGuide("Authentication and authorization"),
  appliesTo: isRole,
  check: (subject) =>
    grants(subject).flatMap((grant) =>
      doors
        .filter((door) => covers(grant, "", door))
        .filter(() => verbsOf(grant, ["get", "create", "update", "patch"]).length > 0)
        .map((door) => `${grant.path} may use ${door}`),
    ),
};
