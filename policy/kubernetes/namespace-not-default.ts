import type { Rule } from "../framework/rule";
import { groupOf, isNamespaced, kindOf } from "./objects";

export const namespaceNotDefault: Rule = {
  name: "namespace-not-default",
  description: "Nothing lives in the namespace `default`, where no quota, Pod Security level or network policy is.",
  severity: "medium",
  level: "mandatory",
  remediation: "Name the namespace of the service's domain in metadata.namespace.",
  appliesTo: (type) => {
    const kind = kindOf(type);
    // Custom resources of unknown scope are left alone: a rule must not guess.
    return kind !== undefined && isNamespaced(kind) && wellKnownGroups.has(groupOf(type));
  },
  check: ({ props }) => {
    const namespace = props.metadata?.namespace;
    return namespace === undefined || namespace === "default" ? ["the object is in the namespace default"] : [];
  },
};

const wellKnownGroups = new Set([
  "core",
  "apps",
  "batch",
  "networking.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "autoscaling",
]);
