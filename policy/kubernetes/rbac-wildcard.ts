import type { Rule, Subject } from "../framework/rule";
import { cisKubernetes } from "./frameworks";
import { grants, isRole } from "./rbac";

/** What is wrong with the role or binding. */
export const findings = (subject: Subject): string[] =>
  grants(subject).flatMap(({ path, resources, verbs }) => [
    ...(verbs.includes("*") ? [`${path} has all verbs on ${resources.join(", ") || "non-resource URLs"}`] : []),
    ...(resources.includes("*") ? [`${path} is for all resources`] : []),
  ]);

export const rbacWildcard: Rule = {
  name: "rbac-wildcard",
  description: "No role has wildcards for verbs or resources: it would grow with everything that is installed later.",
  severity: "high",
  level: "mandatory",
  remediation: "Name the verbs and the resources.",
  framework: cisKubernetes("5.1.3"),
  appliesTo: isRole,
  // What charts bring is the policy chart-rbac's matter: others wrote it.
  check: (subject) => (subject.rendered === undefined ? findings(subject) : []),
};
