import { podSecurityStandards, type Rule } from "../framework/rule";
import { kindOf } from "./objects";

const label = "pod-security.kubernetes.io/enforce";
const levels = ["restricted", "baseline", "privileged"];

export const namespacePodSecurity: Rule = {
  name: "namespace-pod-security",
  description: "Every namespace says which Pod Security level is enforced in it.",
  severity: "high",
  level: "mandatory",
  remediation: `Set the label ${label} to restricted (or baseline, or privileged with a reviewed reason).`,
  framework: podSecurityStandards("namespace labels"),
  appliesTo: (type) => kindOf(type) === "Namespace",
  check: ({ props }) => {
    const value = props.metadata?.labels?.[label];
    if (value === undefined) return [`the namespace has no label ${label}`];
    return levels.includes(value) ? [] : [`${label} is "${value}"; allowed: ${levels.join(", ")}`];
  },
};
