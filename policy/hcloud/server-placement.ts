import type { Rule } from "../framework/rule";
import { isControlPlane, isSet, labelKeys, SERVER } from "./objects";

export const serverPlacement: Rule = {
  name: "server-placement",
  description: "Control planes are in a spread placement group: one broken host takes one of them.",
  severity: "high",
  level: "mandatory",
  remediation: "Set placementGroupId to a group of type spread; a group takes 10 servers.",
  appliesTo: (type) => type === SERVER,
  check: ({ props }) =>
    isControlPlane(props) && !isSet(props, "placementGroupId")
      ? [`a server with the label ${labelKeys.role}=control-plane is in no placement group`]
      : [],
};
