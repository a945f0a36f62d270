import type { Rule } from "../framework/rule";
import { cisKubernetes } from "./frameworks";
import { type ContainerView, containers, isWorkload, podSpec } from "./objects";
import { isReference, secretContent, secretName } from "./secret-values";

const flag = /^--?([\w.-]+)=(.*)$/s;

function inEnvironment({ path, container }: ContainerView): string[] {
  return ((container.env ?? []) as { name: string; value?: string }[]).flatMap(({ name, value }) => {
    if (value === undefined || value === "") return [];
    const content = secretContent(value);
    if (content) return [`${path} has ${content} in ${name}`];
    return secretName.test(name) && !isReference(value) ? [`${path} has ${name} as a literal`] : [];
  });
}

function onCommandLine({ path, container }: ContainerView): string[] {
  return ["command", "args"].flatMap((list) =>
    ((container[list] ?? []) as string[]).flatMap((argument, index) => {
      const content = secretContent(argument);
      if (content) return [`${path} has ${content} in ${list}[${index}]`];
      const [, name = "", value = ""] = flag.exec(argument) ?? [];
      return secretName.test(name) && !isReference(value) ? [`${path} has --${name} as a literal`] : [];
    }),
  );
}

export const secretNotLiteral: Rule = {
  name: "secret-not-literal",
  description: "No secret stands as a literal value in a container's environment or on its command line.",
  severity: "high",
  level: "mandatory",
  remediation: "Put the value into a Secret and refer to it with valueFrom.secretKeyRef.",
  framework: cisKubernetes("5.4.1"),
  appliesTo: isWorkload,
  check: (subject) =>
    containers(podSpec(subject) ?? {}).flatMap((view) => [...inEnvironment(view), ...onCommandLine(view)]),
};
