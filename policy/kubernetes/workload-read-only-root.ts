import type { Rule } from "../framework/rule";
import { hardeningGuide } from "./frameworks";
import { containers, isDeclared, isWorkload, podSpec } from "./objects";

export const workloadReadOnlyRoot: Rule = {
  name: "workload-read-only-root",
  description: "Containers cannot write to their own file system, only to volumes: nothing that breaks in stays.",
  severity: "medium",
  level: "advisory",
  remediation:
    "Set readOnlyRootFilesystem: true and give it an emptyDir where it writes, or say why not in the pod's annotation " +
    "orrery.dev/exception.read-only-root-filesystem.",
  framework: hardeningGuide("Immutable container file systems"),
  appliesTo: isWorkload,
  check: (subject) =>
    isDeclared(subject, "read-only-root-filesystem")
      ? []
      : containers(podSpec(subject) ?? {})
          .filter(({ container }) => container.securityContext?.readOnlyRootFilesystem !== true)
          .map(({ path }) => `${path} can write to its root file system`),
};
