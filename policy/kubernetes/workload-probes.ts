import type { Props, Rule } from "../framework/rule";
import { isDeclared, isService, podSpec } from "./objects";

export const workloadProbes: Rule = {
  name: "workload-probes",
  description: "Every container that serves a port says when it is ready: until then it gets no requests.",
  severity: "medium",
  level: "advisory",
  remediation: "Set a readinessProbe, or say why there is none in the pod's annotation orrery.dev/exception.probes.",
  appliesTo: isService,
  check: (subject) =>
    isDeclared(subject, "probes")
      ? []
      : ((podSpec(subject)?.containers ?? []) as Props[])
          .filter((container) => ((container.ports ?? []) as Props[]).length > 0)
          .filter((container) => container.readinessProbe === undefined)
          .map((container) => `containers[${container.name}] serves a port and has no readinessProbe`),
};
