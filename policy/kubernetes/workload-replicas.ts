import type { Rule } from "../framework/rule";
import { isKind } from "./objects";

export const workloadReplicas: Rule = {
  name: "workload-replicas",
  description: "Every service has as many replicas as the stack asks for.",
  severity: "medium",
  level: "advisory",
  remediation: "Set replicas, or say why one is enough in the object's annotation orrery.dev/exception.replicas.",
  config: {
    properties: {
      minimum: { type: "integer", minimum: 1, default: 1, description: "Replicas that a service has at least." },
    },
  },
  appliesTo: (type) => isKind(type, "apps", "Deployment") || isKind(type, "apps", "StatefulSet"),
  check: (subject, { minimum = 1 }) => {
    const replicas = subject.props.spec?.replicas ?? 1;
    // Nothing is asked of what is switched off.
    return replicas === 0 || replicas >= minimum
      ? []
      : [`it has ${replicas} replicas; at least ${minimum} are asked for`];
  },
};
