import type { Rule } from "../framework/rule";
import { isSet, SERVER } from "./objects";

export const serverNoPassword: Rule = {
  name: "server-no-password",
  description: "No server has a root password, which Hetzner mails in plain text where nothing else lets anybody in.",
  severity: "high",
  level: "mandatory",
  remediation: "Set sshKeys, or the userData of an image that has no passwords (Talos).",
  appliesTo: (type) => type === SERVER,
  check: ({ props }) =>
    isSet(props, "sshKeys") || isSet(props, "userData") ? [] : ["the server has neither sshKeys nor userData"],
};
