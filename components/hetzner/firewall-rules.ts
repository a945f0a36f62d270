/** Ports that more than one part of the program has to agree on. */
export const TALOS_API_PORT = 50000;
export const TRUSTD_PORT = 50001;
export const KUBERNETES_API_PORT = 6443;
export const KUBESPAN_PORT = 51820;

/** Hetzner's limit for one firewall. */
export const MAX_FIREWALL_RULES = 50;
const MAX_SOURCES_PER_RULE = 100;
const ANYWHERE = ["0.0.0.0/0", "::/0"];

export interface FirewallRule {
  description: string;
  direction: "in";
  protocol: "tcp" | "udp" | "icmp";
  port?: string;
  sourceIps: string[];
}

export interface FirewallRulesInput {
  role: "control-plane" | "worker";
  /** Who may reach the Talos and Kubernetes APIs. Empty: nobody from outside. */
  adminCidrs: readonly string[];
  kubespan: boolean;
  /** UDP port of the administrators' WireGuard; undefined: none. */
  wireguardPort?: number;
}

/**
 * Inbound rules of the public interface; Hetzner drops everything that no rule allows. Only WireGuard answers to
 * everybody: it says nothing to a packet that is not signed by a known key.
 */
export function firewallRules(input: FirewallRulesInput): FirewallRule[] {
  const rules: FirewallRule[] = [inbound("Ping and path MTU discovery", "icmp", undefined, ANYWHERE)];
  if (input.kubespan) rules.push(inbound("KubeSpan mesh (WireGuard)", "udp", KUBESPAN_PORT, ANYWHERE));
  if (input.role === "control-plane") {
    if (input.adminCidrs.length > 0) {
      rules.push(inbound("Talos API for administrators", "tcp", TALOS_API_PORT, input.adminCidrs));
      rules.push(inbound("Kubernetes API for administrators", "tcp", KUBERNETES_API_PORT, input.adminCidrs));
    }
    if (input.wireguardPort !== undefined) {
      rules.push(inbound("WireGuard for administrators", "udp", input.wireguardPort, ANYWHERE));
    }
  }
  if (rules.length > MAX_FIREWALL_RULES) {
    throw new Error(
      `The ${input.role} firewall would have ${rules.length} rules; Hetzner allows ${MAX_FIREWALL_RULES}.`,
    );
  }
  return rules;
}

function inbound(
  description: string,
  protocol: FirewallRule["protocol"],
  port: number | undefined,
  sources: readonly string[],
): FirewallRule {
  if (sources.length > MAX_SOURCES_PER_RULE) {
    throw new Error(
      `access.adminCidrs has ${sources.length} entries; a Hetzner firewall rule takes ${MAX_SOURCES_PER_RULE}. ` +
        "Combine them into larger ranges.",
    );
  }
  return {
    description,
    direction: "in",
    protocol,
    ...(port !== undefined && { port: String(port) }),
    sourceIps: [...sources],
  };
}
