import { isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { parseRange } from "./addresses";
import { invalidInput, limitExceeded } from "./errors";
import type { Limits } from "./limits";
import type { FirewallRule } from "./records";

export const RuleInput = z.object({
  direction: z.enum(["in", "out"]),
  protocol: z.enum(["tcp", "udp", "icmp", "esp", "gre"]),
  port: z.string().nullish(),
  source_ips: z.array(z.string()).default([]),
  destination_ips: z.array(z.string()).default([]),
  description: z.string().max(255).nullish(),
});

type Input = z.output<typeof RuleInput>;

/** "any" and "1-65535" are the same to the API, which shows the range it was given. */
function isPort(text: string): boolean {
  if (text === "any") {
    return true;
  }
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const [low, high] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  return match !== null && 1 <= low && low <= high && high <= 65_535;
}

/** A block without host bits, or a single host. */
function isBlock(cidr: string): boolean {
  if (isIPv4(cidr.split("/")[0] ?? "")) {
    return parseRange(cidr) !== undefined;
  }
  if (!ipaddr.IPv6.isValidCIDR(cidr)) {
    return false;
  }
  const [ip] = cidr.split("/");
  return ipaddr.IPv6.networkAddressFromCIDR(cidr).toString() === ipaddr.IPv6.parse(ip ?? "").toString();
}

function problems(rule: Input, limits: Limits): string[] {
  const withPort = rule.protocol === "tcp" || rule.protocol === "udp";
  const [wanted, other] =
    rule.direction === "in"
      ? (["source_ips", "destination_ips"] as const)
      : (["destination_ips", "source_ips"] as const);
  const found: string[] = [];
  if (withPort && !rule.port) {
    found.push(`port: must be given for ${rule.protocol}`);
  }
  if (!withPort && rule.port) {
    found.push(`port: must not be given for ${rule.protocol}`);
  }
  if (rule.port && !isPort(rule.port)) {
    found.push(`port: '${rule.port}' is neither a port nor a range like 80-85`);
  }
  if (rule[wanted].length === 0) {
    found.push(`${wanted}: must hold at least one block for direction ${rule.direction}`);
  }
  if (rule[other].length > 0) {
    found.push(`${other}: must be empty for direction ${rule.direction}`);
  }
  if (rule[wanted].length > limits.cidrsPerRule) {
    found.push(`${wanted}: at most ${limits.cidrsPerRule} blocks are allowed`);
  }
  for (const cidr of rule[wanted].filter((block) => !isBlock(block))) {
    found.push(`${wanted}: '${cidr}' is not a block in CIDR notation without host bits`);
  }
  return found;
}

/** Validates all rules of a firewall and fills in what was left out. */
export function parseRules(rules: Input[], limits: Limits): FirewallRule[] {
  if (rules.length > limits.rulesPerFirewall) {
    throw limitExceeded("rules per firewall", limits.rulesPerFirewall);
  }
  const fields = rules.flatMap((rule, index) =>
    problems(rule, limits).map((problem) => {
      const [field, ...message] = problem.split(": ");
      return { name: `rules.${index}.${field}`, messages: [message.join(": ")] };
    }),
  );
  if (fields.length > 0) {
    throw invalidInput(...fields);
  }
  return rules.map((rule) => ({ ...rule, port: rule.port ?? null, description: rule.description ?? null }));
}
