import type { Rule } from "../framework/rule";
import { FLOATING_IP, LOAD_BALANCER, NETWORK, PRIMARY_IP, SERVER, VOLUME } from "./objects";

const locks: Record<string, string[]> = {
  [SERVER]: ["deleteProtection", "rebuildProtection"],
  [VOLUME]: ["deleteProtection"],
  [NETWORK]: ["deleteProtection"],
  [LOAD_BALANCER]: ["deleteProtection"],
  [PRIMARY_IP]: ["deleteProtection"],
  [FLOATING_IP]: ["deleteProtection"],
};

export const protection: Rule = {
  name: "hcloud-protection",
  description:
    "What cannot be had again as it was is protected against deletion and rebuild, where the stack asks for it.",
  severity: "high",
  level: "mandatory",
  remediation:
    "Set deleteProtection, and rebuildProtection on servers. To tear the environment down, set this policy's key " +
    "`required` to false in the same change.",
  config: {
    properties: {
      required: {
        type: "boolean",
        default: false,
        description: "Whether servers, volumes, networks, load balancers and addresses must be protected.",
      },
    },
  },
  appliesTo: (type) => Object.hasOwn(locks, type),
  check: ({ type, props }, { required = false }) =>
    required ? (locks[type] ?? []).filter((lock) => props[lock] !== true).map((lock) => `${lock} is not true`) : [],
};
