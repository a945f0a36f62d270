import type { Rule } from "../framework/rule";
import { cisKubernetes } from "./frameworks";
import { isWorkload, podSpec } from "./objects";

export const workloadServiceAccount: Rule = {
  name: "workload-service-account",
  description: "Every workload has a ServiceAccount of its own: what one may do, the namespace's others may not.",
  severity: "medium",
  level: "advisory",
  remediation: "Make a ServiceAccount for it and name it in serviceAccountName.",
  framework: cisKubernetes("5.1.5"),
  appliesTo: isWorkload,
  check: (subject) => {
    const spec = podSpec(subject);
    return (spec?.serviceAccountName ?? "default") === "default"
      ? ["the pod runs under the namespace's default ServiceAccount"]
      : [];
  },
};
