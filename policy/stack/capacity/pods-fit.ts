import type { StackRule } from "../../framework/rule";
import { fits, loadOf } from "./load";
import { poolsConfig, poolsOf } from "./pools";
import { requestsText } from "./requests";

export const podsFit: StackRule = {
  name: "pods-fit",
  description:
    "Every pod fits on an empty node of a pool that it may be on, beside that pool's DaemonSets. Not looked at where a " +
    "server type is not on the pack's list, or there are no servers in the stack.",
  severity: "high",
  level: "mandatory",
  remediation: "Request less, or take a larger server type for the pool.",
  config: { properties: poolsConfig },
  check: (stack, config) => {
    const pools = poolsOf(stack, config);
    if (pools === undefined) return [];
    const { wanted, free } = loadOf(stack, pools);
    return wanted
      .filter(({ pools: own }) => own.length > 0)
      .filter(({ each, pools: own }) => !own.some((pool) => fits(each, free.get(pool)!)))
      .map(({ pods, each, pools: own }) => ({
        subject: pods.thing.subject,
        message: `${pods.what} requests ${requestsText(each)}; free on a node: ${own
          .map((pool) => `${pool.name} ${requestsText(free.get(pool)!)}`)
          .join("; ")}`,
      }));
  },
};
