import type { StackRule } from "../../framework/rule";
import { modelOf } from "../model/model";
import { tolerationsOf } from "./eligible";
import { poolsConfig, poolsOf } from "./pools";

/** Taints that Kubernetes and cloud controllers set and take away. */
const passing =
  /^(node\.kubernetes\.io|node-role\.kubernetes\.io|node\.cloudprovider\.kubernetes\.io|node\.cilium\.io)\//;

export const tolerationKnown: StackRule = {
  name: "toleration-known",
  description:
    "A pod tolerates taints that some pool has: else it is a misspelt one, and the pod is not where it was meant.",
  severity: "low",
  level: "advisory",
  remediation: "Correct the toleration, or give a pool the taint.",
  config: { properties: poolsConfig },
  check: (stack, config) => {
    const pools = poolsOf(stack, config);
    const taints = pools?.map((pool) => pool.taints);
    if (taints === undefined || taints.includes(undefined)) return [];
    const keys = new Set(taints.flatMap((list) => (list ?? []).map(({ key }) => key)));
    return modelOf(stack)
      .pods.filter(({ thing }) => thing.subject.rendered === undefined)
      .flatMap(({ thing: { subject }, spec, what }) => {
        const unknown = stack.read(subject, () =>
          tolerationsOf(spec())
            .map(({ key }) => String(key ?? ""))
            .filter((key) => key !== "" && !passing.test(key) && !keys.has(key)),
        );
        return (unknown ?? []).map((key) => ({ subject, message: `${what} tolerates ${key}, a taint of no pool` }));
      });
  },
};
