import type { Rule } from "../framework/rule";
import { isSet, SERVER } from "./objects";

export const serverName: Rule = {
  name: "server-name",
  description: "A server's name can be a node's name: a DNS label of at most 63 characters.",
  severity: "medium",
  level: "mandatory",
  remediation: "Use lower-case letters, digits and hyphens, at most 63, a letter or digit at both ends.",
  appliesTo: (type) => type === SERVER,
  check: ({ props }) => {
    if (!isSet(props, "name")) return [];
    const name = String(props.name);
    if (name.length > 63) return [`the name ${name} has ${name.length} characters`];
    return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) ? [] : [`the name ${name} is no DNS label`];
  },
};
