import type { Rule } from "../framework/rule";
import { SERVER } from "./objects";
import { priceList, withdrawn } from "./prices";

export const serverTypeKnown: Rule = {
  name: "server-type-known",
  description: "Every server is of a type that Hetzner sells in its location.",
  severity: "medium",
  level: "mandatory",
  remediation: `Take a type of the list of ${priceList.asOf} in policy/hcloud/prices.ts, or name the new one in this policy's key "known".`,
  config: {
    properties: {
      known: {
        type: "array",
        items: { type: "string" },
        default: [],
        description: "Server types that are newer than the pack's list.",
      },
    },
  },
  appliesTo: (type) => type === SERVER,
  check: ({ props }, { known = [] }) => {
    const { serverType, location } = props;
    if (known.includes(serverType)) return [];
    const type = priceList.serverTypes[serverType];
    if (type === undefined) {
      return [
        withdrawn.test(serverType)
          ? `server type ${serverType} is of a generation that is no longer sold`
          : `server type ${serverType} is not on the list`,
      ];
    }
    return location === undefined || type.locations.includes(location)
      ? []
      : [`server type ${serverType} is not sold in ${location}; it is in ${type.locations.join(", ")}`];
  },
};
