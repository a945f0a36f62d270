import type { Props, Rule } from "../framework/rule";
import { isControlPlane, SERVER } from "./objects";
import { priceList } from "./prices";

export const serverPublicIpv4: Rule = {
  name: "server-public-ipv4",
  description: "Workers have a public IPv4 only where the stack wants one: it costs money and is one more way in.",
  severity: "low",
  level: "advisory",
  remediation: `Set publicNets[0].ipv4Enabled: false and go out by IPv6 or a NAT gateway; each address costs EUR ${priceList.ipv4MonthlyEur} a month.`,
  config: {
    properties: {
      workers: {
        type: "string",
        enum: ["allowed", "advised-against"],
        default: "allowed",
        description:
          "Whether workers may have a public IPv4. Without one, registries that have no IPv6 are out of reach.",
      },
    },
  },
  appliesTo: (type) => type === SERVER,
  check: ({ props }, { workers = "allowed" }) => {
    if (workers === "allowed" || isControlPlane(props)) return [];
    const nets = (props.publicNets ?? []) as Props[];
    // Without publicNets Hetzner gives both addresses.
    return nets.length === 0 || nets.some((net) => net.ipv4Enabled !== false) ? ["a worker has a public IPv4"] : [];
  },
};
