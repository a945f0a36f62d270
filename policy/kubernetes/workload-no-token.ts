import type { Rule } from "../framework/rule";
import { cisKubernetes } from "./frameworks";
import { isDeclared, isWorkload, podSpec } from "./objects";

export const workloadNoToken: Rule = {
  name: "workload-no-token",
  description: "A pod has a token for the Kubernetes API only where it says what for.",
  severity: "medium",
  level: "advisory",
  remediation:
    "Set automountServiceAccountToken: false in the pod's spec, or say what the token is for in the pod's annotation " +
    "orrery.dev/exception.service-account-token.",
  framework: cisKubernetes("5.1.6"),
  appliesTo: isWorkload,
  check: (subject) =>
    podSpec(subject)?.automountServiceAccountToken === false || isDeclared(subject, "service-account-token")
      ? []
      : ["the pod gets a token for the Kubernetes API and does not say what for"],
};
