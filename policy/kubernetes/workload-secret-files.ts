import type { Props, Rule } from "../framework/rule";
import { cisKubernetes } from "./frameworks";
import { containers, isWorkload, podSpec } from "./objects";

export const workloadSecretFiles: Rule = {
  name: "workload-secret-files",
  description:
    "Secrets reach a container as files: an environment is inherited by child processes and lands in crash reports.",
  severity: "low",
  level: "advisory",
  remediation: "Mount the Secret as a volume, if the software can read a file.",
  framework: cisKubernetes("5.4.1"),
  config: {
    properties: {
      environment: {
        type: "string",
        enum: ["allowed", "advised-against"],
        default: "allowed",
        description: "Whether a Secret's keys may be environment variables. Most software takes nothing else.",
      },
    },
  },
  appliesTo: isWorkload,
  check: (subject, { environment = "allowed" }) =>
    environment === "allowed"
      ? []
      : containers(podSpec(subject) ?? {}).flatMap(({ path, container }) =>
          [
            ...((container.env ?? []) as Props[]).filter((entry) => entry.valueFrom?.secretKeyRef !== undefined),
            ...((container.envFrom ?? []) as Props[]).filter((entry) => entry.secretRef !== undefined),
          ].map((entry) => `${path} has a secret in its environment: ${entry.name ?? entry.secretRef.name}`),
        ),
};
