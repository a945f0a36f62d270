import type { Props, Rule } from "../framework/rule";

const guarded: Record<number, string> = {
  22: "SSH",
  2379: "etcd",
  6443: "the Kubernetes API",
  10250: "the kubelet",
  50000: "the Talos API",
  50001: "Talos trustd",
};
/** Shorter prefixes are nobody's own addresses: two halves of the internet are the internet. */
const shortestPrefix = { ipv4: 8, ipv6: 19 };

export function isWorld(source: string): boolean {
  const [address = "", prefix] = source.split("/");
  return prefix !== undefined && Number(prefix) < (address.includes(":") ? shortestPrefix.ipv6 : shortestPrefix.ipv4);
}

/** Whether a firewall rule's port field ("any", "80", "80-90") includes the port. */
export function includesPort(field: string | undefined, port: number): boolean {
  if (field === undefined || field === "any") return true;
  const [from, to = from] = field.split("-").map(Number);
  return from !== undefined && to !== undefined && from <= port && port <= to;
}

export const firewallClosed: Rule = {
  name: "firewall-closed",
  description: "No firewall opens SSH, etcd, the kubelet, the Kubernetes API or the Talos API to the world.",
  severity: "critical",
  level: "mandatory",
  remediation: "Name the administrators' addresses in orrery:access.adminCidrs.",
  appliesTo: (type) => type === "hcloud:index/firewall:Firewall",
  check: ({ props }) =>
    ((props.rules ?? []) as Props[])
      .filter((rule) => rule.direction === "in" && rule.protocol === "tcp")
      .filter((rule) => ((rule.sourceIps ?? []) as string[]).some(isWorld))
      .flatMap((rule) =>
        Object.entries(guarded)
          .filter(([port]) => includesPort(rule.port, Number(port)))
          .map(([port, what]) => `port ${port} (${what}) is open to the world`),
      ),
};
