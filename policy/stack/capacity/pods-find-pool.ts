import type { Props, StackRule } from "../../framework/rule";
import { modelOf } from "../model/model";
import { labelsMatch, taintsAllow } from "./eligible";
import { type Pool, poolsConfig, poolsOf } from "./pools";
import { isDevice } from "./requests";

const asksForDevice = (spec: Props) =>
  ((spec.containers ?? []) as Props[]).some(({ resources }) =>
    [...Object.keys(resources?.limits ?? {}), ...Object.keys(resources?.requests ?? {})].some(isDevice),
  );

function problem(spec: Props, pools: readonly Pool[]): string | undefined {
  const labelled = pools.filter((pool) => labelsMatch(spec, pool));
  if (labelled.length === 0) {
    const selector = (spec.nodeSelector ?? {}) as Props;
    const wanted = Object.keys(selector).map((key) => `${key}=${selector[key]}`);
    return `no pool has the labels that it insists on${wanted.length === 0 ? "" : `: ${wanted.join(", ")}`}`;
  }
  if (labelled.some((pool) => taintsAllow(spec, pool, asksForDevice(spec)))) return undefined;
  const taints = labelled.flatMap((pool) =>
    (pool.taints ?? []).map(({ key, effect }) => `${pool.name}: ${key}:${effect}`),
  );
  return `it tolerates the taints of no pool that it may be on: ${taints.join("; ") || "they have GPUs and it asks for none"}`;
}

export const podsFindPool: StackRule = {
  name: "pods-find-pool",
  description: "What a pod insists on (nodeSelector, affinity) some pool has, and it tolerates that pool's taints.",
  severity: "high",
  level: "mandatory",
  remediation: "Correct the selector or the tolerations, or give a pool the label.",
  config: { properties: poolsConfig },
  check: (stack, config) => {
    const pools = poolsOf(stack, config);
    if (pools === undefined) return [];
    return modelOf(stack).pods.flatMap(({ thing: { subject }, daemon, spec, what }) => {
      // A DaemonSet may be for nodes that are yet to come.
      if (daemon) return [];
      const wrong = stack.read(subject, () => [problem(spec(), pools)])?.[0];
      return wrong === undefined ? [] : [{ subject, message: `${what}: ${wrong}` }];
    });
  },
};
