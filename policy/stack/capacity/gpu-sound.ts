import type { Props, StackRule } from "../../framework/rule";
import { containers } from "../../kubernetes/objects";
import { modelOf } from "../model/model";
import { insistsOnMachines, labelsMatch, tolerates, tolerationsOf } from "./eligible";
import { type Pool, poolsConfig, poolsOf } from "./pools";

const gpu = /^(nvidia\.com\/(gpu|mig-.*)|amd\.com\/gpu|gpu\.intel\.com\/.*)$/;

/** How a node's GPUs are shared, as its machine's configuration says: none, time-slicing-20, mps-4. */
const SHARING_LABEL = "orrery.dev/gpu-sharing";

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
    // What prepares a machine, its cache of models for instance, insists on it by name.
    if (insistsOnMachines(spec)) return [];
    return tolerations.map(({ key }) => `it tolerates ${key} and asks for no GPU: it takes a GPU's place`);
  }
  if (pools === undefined) return [];
  return wanted.flatMap((name) => {
    const having = pools.filter((pool) => (pool.devices[name] ?? 0) > 0);
    if (having.length === 0) return [`no pool has ${name}`];
    const there = having.filter((pool) => labelsMatch(spec, pool));
    if (there.length === 0) return [`it asks for ${name} and insists on nodes that have none`];
    const open = there.some((pool) =>
      (pool.taints ?? [])
        .filter(({ effect }) => effect !== "PreferNoSchedule")
        .every((taint) => tolerates(tolerationsOf(spec), taint)),
    );
    if (!open) return [`it asks for ${name} and does not tolerate the taints of the pool ${there[0]?.name}`];
    const many = there.every((pool) => pool.labels[SHARING_LABEL]?.startsWith("mps")) && mostOf(spec, name) > 1;
    return many ? [`it asks for several ${name} where MPS shares them: a pod gets one part`] : [];
  });
}

/** What one container asks for, at most. */
const mostOf = (spec: Props, name: string) =>
  Math.max(...containers(spec).map(({ container }) => Number(container.resources?.limits?.[name] ?? 0)));

export const gpuSound: StackRule = {
  name: "gpu-sound",
  description:
    "GPU limit, toleration and pool belong together: a whole limit equal to the request, the taint tolerated, a pool " +
    "that has the GPU, one part of it where MPS shares it; and nobody tolerates a GPU's taint without using one, but what " +
    "insists on the machine by name.",
  severity: "high",
  level: "mandatory",
  remediation: "Set resources.limits to a whole number, the toleration of the pool's taint, or neither.",
  config: { properties: poolsConfig },
  check: (stack, config) => {
    const pools = poolsOf(stack, config);
    return modelOf(stack).pods.flatMap(({ thing: { subject }, daemon, spec, what }) => {
      // The GPU's own helpers (drivers, exporters) run on its node and use none.
      if (daemon) return [];
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
