import type { Rule } from "../framework/rule";
import { labelKeys, labelOf, SERVER } from "./objects";

export const serverBackups: Rule = {
  name: "server-backups",
  description: "A server whose disk holds data that is nowhere else has Hetzner's backups.",
  severity: "medium",
  level: "advisory",
  remediation: `Set backups: true (20 % of the server's price), or take the label ${labelKeys.stateful} away.`,
  appliesTo: (type) => type === SERVER,
  check: ({ props }) =>
    labelOf(props, labelKeys.stateful) === "true" && props.backups !== true
      ? [`it has the label ${labelKeys.stateful}=true and no backups`]
      : [],
};
