import type { Rule } from "../framework/rule";
import { isKind } from "./objects";
import { isReference, PRIVATE_KEY, secretContent, secretName } from "./secret-values";

export const configNotSecret: Rule = {
  name: "config-not-secret",
  description: "No ConfigMap holds a secret: everybody who may look at the namespace can read it.",
  severity: "high",
  level: "mandatory",
  remediation: "Put the value into a Secret.",
  appliesTo: (type) => isKind(type, "core", "ConfigMap"),
  check: ({ props, rendered }) => {
    const data = (props.data ?? {}) as Record<string, unknown>;
    return Object.keys(data).flatMap((key) => {
      const value = String(data[key]);
      const content = secretContent(value);
      // Charts ship whole files of settings, with examples in their comments.
      if (rendered !== undefined) return content === PRIVATE_KEY ? [`${key} holds ${content}`] : [];
      if (content) return [`${key} holds ${content}`];
      // A file's name says what is in it only when it is all that is in it.
      return secretName.test(key) && !value.trim().includes("\n") && !isReference(value)
        ? [`${key} is a secret by its name`]
        : [];
    });
  },
};
