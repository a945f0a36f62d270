import { podSecurityStandards, type Rule } from "../framework/rule";
import { isDeclared, isKind } from "./objects";

const label = "pod-security.kubernetes.io/enforce";

export const namespaceRestricted: Rule = {
  name: "namespace-restricted",
  description: "A namespace is restricted, or says why not.",
  severity: "medium",
  level: "advisory",
  remediation: `Set the label ${label} to restricted, or say why not in the annotation orrery.dev/exception.pod-security-restricted.`,
  framework: podSecurityStandards("namespace labels"),
  appliesTo: (type) => isKind(type, "core", "Namespace"),
  check: (subject) => {
    const level = subject.props.metadata?.labels?.[label];
    // A namespace without a level is the mandatory policy's.
    return level === undefined || level === "restricted" || isDeclared(subject, "pod-security-restricted")
      ? []
      : [`it is ${level} and does not say why`];
  },
};
