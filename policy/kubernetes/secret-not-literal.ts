import type { Rule } from "../framework/rule";
import { containers, isWorkload, podSpec } from "./objects";

const secretName = /(^|_)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;

export const secretNotLiteral: Rule = {
  name: "secret-not-literal",
  description: "No secret stands as a literal value in a container's environment.",
  severity: "high",
  level: "mandatory",
  remediation: "Put the value into a Secret and refer to it with valueFrom.secretKeyRef.",
  appliesTo: isWorkload,
  check: (subject) =>
    containers(podSpec(subject) ?? {}).flatMap(({ path, container }) =>
      ((container.env ?? []) as { name: string; value?: string }[])
        .filter(({ name, value }) => secretName.test(name) && value !== undefined && value !== "")
        .map(({ name }) => `${path} has ${name} as a literal`),
    ),
};
