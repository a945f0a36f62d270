import type { Rule, Subject } from "../framework/rule";
import { cisKubernetes } from "./frameworks";
import { covers, grants, isRole } from "./rbac";

const rbacGroup = "rbac.authorization.k8s.io";

const ways: { group: string; resource: string; verbs: string[] }[] = [
  { group: rbacGroup, resource: "roles", verbs: ["escalate", "bind"] },
  { group: rbacGroup, resource: "clusterroles", verbs: ["escalate", "bind"] },
  { group: "", resource: "users", verbs: ["impersonate"] },
  { group: "", resource: "groups", verbs: ["impersonate"] },
  { group: "", resource: "serviceaccounts", verbs: ["impersonate"] },
];

/** What is wrong with the role or binding. */
export const findings = (subject: Subject): string[] =>
  grants(subject).flatMap((grant) =>
    ways
      .filter(({ group, resource }) => covers(grant, group, resource))
      // Wildcards have their own policy.
      .map(({ resource, verbs }) => ({ resource, verbs: verbs.filter((verb) => grant.verbs.includes(verb)) }))
      .filter(({ verbs }) => verbs.length > 0)
      .map(({ resource, verbs }) => `${grant.path} may ${verbs.join(" and ")} ${resource}`),
  );

export const rbacEscalation: Rule = {
  name: "rbac-escalation",
  description: "No role can give itself or others more than it has: escalate, bind, impersonate.",
  severity: "high",
  level: "mandatory",
  remediation: "Remove the verb; what cannot do without it needs a reviewed exception.",
  framework: cisKubernetes("5.1.8"),
  appliesTo: isRole,
  // What charts bring is the policy chart-rbac's matter: others wrote it.
  check: (subject) => (subject.rendered === undefined ? findings(subject) : []),
};
