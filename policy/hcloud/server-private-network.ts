import type { Rule } from "../framework/rule";
import { isSet, SERVER } from "./objects";

export const serverPrivateNetwork: Rule = {
  name: "server-private-network",
  description: "Every server is in a private network from its first second.",
  severity: "high",
  level: "mandatory",
  remediation: "Set networks on the server; one that is attached later starts without it.",
  appliesTo: (type) => type === SERVER,
  check: ({ props }) => (isSet(props, "networks") ? [] : ["the server has no networks"]),
};
