import type { Props, Rule } from "../framework/rule";
import { isKind, podSpec } from "./objects";

export const workloadSpread: Rule = {
  name: "workload-spread",
  description: "Several replicas are on several nodes, or there might as well be one.",
  severity: "medium",
  level: "advisory",
  remediation: "Set topologySpreadConstraints over kubernetes.io/hostname, or a podAntiAffinity.",
  appliesTo: (type) => isKind(type, "apps", "Deployment") || isKind(type, "apps", "StatefulSet"),
  check: (subject) => {
    const spec = podSpec(subject) ?? {};
    const apart = spec.affinity?.podAntiAffinity ?? {};
    const spread =
      ((spec.topologySpreadConstraints ?? []) as Props[]).length > 0 ||
      ((apart.requiredDuringSchedulingIgnoredDuringExecution ?? []) as Props[]).length > 0 ||
      ((apart.preferredDuringSchedulingIgnoredDuringExecution ?? []) as Props[]).length > 0;
    const replicas = subject.props.spec?.replicas ?? 1;
    return replicas > 1 && !spread ? [`${replicas} replicas may all be on one node`] : [];
  },
};
