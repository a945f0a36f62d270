import type { Props, Rule } from "../framework/rule";
import { isKind } from "./objects";

export const podManaged: Rule = {
  name: "pod-managed",
  description: "No Pod or ReplicaSet stands alone: nobody makes it again after its node is gone, or rolls it out.",
  severity: "medium",
  level: "mandatory",
  remediation: "Make it a Deployment, StatefulSet, DaemonSet or Job.",
  appliesTo: (type) => isKind(type, "core", "Pod") || isKind(type, "apps", "ReplicaSet"),
  check: ({ props, rendered }) =>
    // Helm's tests and hooks are pods that end.
    rendered?.hook === true || ((props.metadata?.ownerReferences ?? []) as Props[]).length > 0
      ? []
      : ["it stands alone"],
};
