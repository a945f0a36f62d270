import type { Props, StackRule } from "../../framework/rule";
import { containers } from "../../kubernetes/objects";
import { modelOf } from "../model/model";
import { tolerates, tolerationsOf } from "./eligible";
import { type Pool, poolsConfig, poolsOf } from "./pools";

const gpu = /^(nvidia\.com\/(gpu|mig-.*)|amd\.com\/gpu|gpu\.intel\.com\/.*)$/;

/** The GPU resources that a container names. */
const named = ({ resources }: Props) =>
  [...new Set([...Object.keys(resources?.limits ?? {}), ...Object.keys(resources?.requests ?? {})])].filter((name) =>
    gpu.test(name),
  );

function ofContainer(path: string, container: Props): string[] {
  const { limits = {}, requests = {} } = container.resources ?? {};
  return named(container).flatMap((name) => {
    const [limit, request] = [limits[name], requests[name]];
    if (limit === undefined) return [`${path} requests ${name} without a limit: Kubernetes refuses it`];
    if (!/^\d+$/.test(String(limit))) return [`${path} has ${limit} of ${name}: a GPU is whole`];
    return request !== undefined && String(request) !== String(limit)
      ? [`${path} requests ${request} of its limit of ${limit} ${name}: they must be equal`]
      : [];
  });
}

function ofPools(spec: Props, wanted: readonly string[], pools: readonly Pool[] | undefined): string[] {
  const tolerations = tolerationsOf(spec).filter(({ key }) => gpu.test(String(key ?? "")));
  if (wanted.length === 0) {
    return tolerations.map(({ key }) => `it tolerates ${key} and asks for no GPU: it takes a GPU's place`);
  }
  if (pools === undefined) return [];
  return wanted.flatMap((name) => {
    const having = pools.filter((pool) => (pool.devices[name] ?? 0) > 0);
    if (having.length === 0) return [`no pool has ${name}`];
    const open = having.some((pool) =>
      (pool.taints ?? [])
        .filter(({ effect }) => effect !== "PreferNoSchedule")
        .every((taint) => tolerates(tolerationsOf(spec), taint)),
    );
    return open ? [] : [`it asks for ${name} and does not tolerate the taints of the pool ${having[0]?.name}`];
  });
}

export const gpuSound: StackRule = {
  name: "gpu-sound",
  description:
    "GPU limit, toleration and pool belong together: a whole limit equal to the request, the taint tolerated, a pool " +
    "that has the GPU; and nobody tolerates a GPU's taint without using one.",
  severity: "high",
  level: "mandatory",
  remediation: "Set resources.limits to a whole number, the toleration of the pool's taint, or neither.",
  config: { properties: poolsConfig },
  check: (stack, config) => {
    const pools = poolsOf(stack, config);
    return modelOf(stack).pods.flatMap(({ thing: { subject, kind }, spec, what }) => {
      // The GPU's own helpers (drivers, exporters) run on its node and use none.
      if (kind === "DaemonSet") return [];
      const wrong = stack.read(subject, () => {
        const pod = spec();
        const all = containers(pod);
        const wanted = [...new Set(all.flatMap(({ container }) => named(container)))];
        return [...all.flatMap(({ path, container }) => ofContainer(path, container)), ...ofPools(pod, wanted, pools)];
      });
      return (wrong ?? []).map((message) => ({ subject, message: `${what}: ${message}` }));
    });
  },
};
