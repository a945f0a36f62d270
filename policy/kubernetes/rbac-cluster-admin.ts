import type { Props, Rule, Subject } from "../framework/rule";
import { cisKubernetes } from "./frameworks";
import { isBinding } from "./rbac";

/** What is wrong with the role or binding. */
export const findings = ({ props }: Subject): string[] => [
  ...(props.roleRef?.name === "cluster-admin" ? ["it binds cluster-admin"] : []),
  ...((props.subjects ?? []) as Props[])
    .filter(({ kind, name }) => kind === "Group" && name === "system:masters")
    .map(() => "it binds system:masters, which no authorization ever refuses"),
];

export const rbacClusterAdmin: Rule = {
  name: "rbac-cluster-admin",
  description: "Nobody is bound to cluster-admin: whoever takes over that pod has the cluster.",
  severity: "critical",
  level: "mandatory",
  remediation: "Bind a role that names what is needed.",
  framework: cisKubernetes("5.1.1"),
  appliesTo: isBinding,
  // What charts bring is the policy chart-rbac's matter: others wrote it.
  check: (subject) => (subject.rendered === undefined ? findings(subject) : []),
};
