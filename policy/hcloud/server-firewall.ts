import type { Rule } from "../framework/rule";

export const serverFirewall: Rule = {
  name: "server-firewall",
  description: "Every server has a firewall from its first second.",
  severity: "critical",
  level: "mandatory",
  remediation: "Set firewallIds on the server; a firewall that is attached later leaves a gap.",
  appliesTo: (type) => type === "hcloud:index/server:Server",
  check: ({ props }) =>
    ((props.firewallIds ?? []) as unknown[]).length === 0 ? ["the server has no firewallIds"] : [],
};
