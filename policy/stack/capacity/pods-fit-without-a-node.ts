import type { StackRule } from "../../framework/rule";
import { loadOf, sum } from "./load";
import { leftWithout } from "./packing";
import { poolsConfig, poolsOf } from "./pools";
import { requestsText } from "./requests";

const shown = 5;

export const podsFitWithoutANode: StackRule = {
  name: "pods-fit-without-a-node",
  description:
    "All pods have a place by their requests when any one node is lost. It packs first-fit, with labels, taints and " +
    "DaemonSets, and without topology and affinity between pods; what it cannot see (opaque charts, unknown operators) " +
    "needs room too. A pool of one node cannot be replaced by another and is not looked at.",
  severity: "high",
  level: "mandatory",
  remediation: "Add a node to the pool, take a larger server type, or request less.",
  config: { properties: poolsConfig },
  check: (stack, config) => {
    const pools = poolsOf(stack, config);
    if (pools === undefined) return [];
    const load = loadOf(stack, pools);
    return pools.flatMap((lost) => {
      const left = leftWithout(lost, load);
      if (left.length === 0) return [];
      const names = [...new Set(left.map(({ pods }) => pods.what))];
      const more = names.length > shown ? ` and ${names.length - shown} more` : "";
      return [
        {
          message:
            `without one node of the pool ${lost.name}, ${left.length} pods find no place ` +
            `(${requestsText(sum(left.map(({ each }) => each)))}): ${names.slice(0, shown).join(", ")}${more}`,
        },
      ];
    });
  },
};
