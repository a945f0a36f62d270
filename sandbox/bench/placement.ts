import { performance } from "node:perf_hooks";
import { vendorsOf } from "../../components/inference/engines/support";
import { gpuModels } from "../../components/inference/gpu/table";
import { catalogue } from "../../components/inference/models/catalogue";
import { firstFitDecreasing, orders } from "../../components/inference/placement/greedy";
import { gpusOf, planPlacement } from "../../components/inference/placement/plan";
import type { Gpu, Placement, Workload } from "../../components/inference/placement/types";
import { gpuNeedMiB } from "../../components/inference/plan/memory";
import type { Program } from "../../components/inference/types";
import { random } from "./random";

/** What is packed how full: parts of all GPUs that the models ask for together, on average. */
export const fills = [0.5, 0.9, 1.3] as const;

/** How often a plan was better than another, as good, or worse: more models, or as many on fewer GPUs. */
export interface Comparison {
  better: number;
  same: number;
  worse: number;
}

export interface PlacementFigures {
  readonly fill: number;
  readonly runs: number;
  /** Of 20 models, on average. */
  readonly placed: { readonly plan: number; readonly byMemory: number; readonly byShare: number };
  /** Of 8 GPUs, on average. */
  readonly gpus: { readonly plan: number; readonly byMemory: number; readonly byShare: number };
  readonly againstMemory: Comparison;
  readonly againstShare: Comparison;
  readonly slowestSeconds: number;
  readonly meanSeconds: number;
  /** GPUs on which there was more than they have, in memory or share: none, or the plan is wrong. */
  readonly overfull: number;
  /** Of the models that run before and after one more small model, the part that moves. */
  readonly moved: number;
}

const MODELS = 20;
const GPUS = 8;

/** Plans for many random clusters, beside first-fit-decreasing on the same ones. */
export function measurePlacement(runs: number, look: () => void = () => undefined): PlacementFigures[] {
  return fills.map((fill) => {
    const all = Array.from({ length: runs }, (_, seed) => {
      look();
      return one(seed + 1, fill);
    });
    const mean = (value: (figure: (typeof all)[number]) => number) =>
      all.reduce((sum, each) => sum + value(each), 0) / all.length;
    return {
      fill,
      runs,
      placed: {
        plan: mean(({ plan }) => plan.length),
        byMemory: mean(({ byMemory }) => byMemory.length),
        byShare: mean(({ byShare }) => byShare.length),
      },
      gpus: {
        plan: mean(({ plan }) => gpusOf(plan)),
        byMemory: mean(({ byMemory }) => gpusOf(byMemory)),
        byShare: mean(({ byShare }) => gpusOf(byShare)),
      },
      againstMemory: compare(all.map(({ plan, byMemory }) => [plan, byMemory])),
      againstShare: compare(all.map(({ plan, byShare }) => [plan, byShare])),
      slowestSeconds: Math.max(...all.map(({ seconds }) => seconds)),
      meanSeconds: mean(({ seconds }) => seconds),
      overfull: all.reduce((sum, { plan }) => sum + overfull(plan), 0),
      moved: mean(({ moved }) => moved),
    };
  });
}

function one(seed: number, fill: number) {
  const draw = random(seed);
  const gpus = randomGpus(draw);
  const models = randomModels(draw, gpus, fill);
  const began = performance.now();
  const plan = planPlacement(gpus, models).placed;
  const seconds = (performance.now() - began) / 1000;
  return {
    plan,
    seconds,
    byMemory: firstFitDecreasing(gpus, models),
    byShare: firstFitDecreasing(gpus, models, orders.share),
    moved: movedBy(gpus, models, plan, { ...small, name: `new-${seed}` }),
  };
}

const small: Omit<Workload, "name"> = { memoryMiB: 2048, share: 0.1, vendors: ["nvidia", "amd", "intel"] };

/** Eight GPUs in machines of one to three, of random models, shared in random ways. */
export function randomGpus(draw: () => number): Gpu[] {
  const kinds = Object.values(gpuModels);
  const gpus: Gpu[] = [];
  for (let machine = 0; gpus.length < GPUS; machine++) {
    const { name, vendor, memoryMiB } = kinds[Math.floor(draw() * kinds.length)]!;
    const count = Math.min(GPUS - gpus.length, draw() < 0.7 ? 1 : 2 + Math.floor(draw() * 2));
    const shared = count === 1 && draw() < 0.6;
    const node = `gpu-${machine}`;
    for (let index = 0; index < count; index++) {
      gpus.push({
        id: `${node}/${index}`,
        node,
        pool: vendor,
        vendor,
        model: name,
        memoryMiB,
        parts: shared ? 20 : 1000,
        kind: name,
      });
    }
  }
  return gpus;
}

/** Twenty of the catalogue, each with the share that some GPU would need, scaled to fill the cluster so far. */
export function randomModels(draw: () => number, gpus: readonly Gpu[], fill: number): Workload[] {
  const models = Object.values(catalogue);
  const average = (fill * gpus.length) / MODELS;
  return Array.from({ length: MODELS }, (_, index) => {
    const model = models[Math.floor(draw() * models.length)]!;
    const program: Program = model.engines[0]!;
    const gpu = gpus[Math.floor(draw() * gpus.length)]!;
    const wanted = Math.min(1, Math.max(0.05, average * (0.4 + 1.2 * draw())));
    const share = Math.round(wanted * 20) / 20;
    // What the model needs at the load that this share is meant for; large models do not fit everywhere.
    const least = gpuNeedMiB(model, program, { contextTokens: 512, concurrency: 1 });
    const memoryMiB = Math.floor(Math.min(Math.max(least, 0.6 * share * gpu.memoryMiB), share * gpu.memoryMiB));
    const wide = draw() < 0.1;
    return { name: `model-${index}`, memoryMiB, share, vendors: vendorsOf(program), ...(wide ? { gpus: 2 } : {}) };
  });
}

function compare(pairs: readonly (readonly [readonly Placement[], readonly Placement[]])[]): Comparison {
  const result = { better: 0, same: 0, worse: 0 };
  for (const [ours, other] of pairs) {
    const difference = ours.length - other.length || gpusOf(other) - gpusOf(ours);
    result[difference > 0 ? "better" : difference < 0 ? "worse" : "same"] += 1;
  }
  return result;
}

/** Counted anew, from what is on each GPU. */
function overfull(placed: readonly Placement[]): number {
  const loads = new Map<Gpu, { memoryMiB: number; share: number }>();
  for (const { workload, gpus } of placed) {
    for (const gpu of gpus) {
      const load = loads.get(gpu) ?? { memoryMiB: 0, share: 0 };
      loads.set(gpu, { memoryMiB: load.memoryMiB + workload.memoryMiB, share: load.share + workload.share });
    }
  }
  return [...loads].filter(([gpu, { memoryMiB, share }]) => memoryMiB > gpu.memoryMiB || share > 1 + 1e-9).length;
}

function movedBy(gpus: readonly Gpu[], models: readonly Workload[], before: readonly Placement[], added: Workload) {
  const after = planPlacement(gpus, [...models, added]).placed;
  const where = (placed: readonly Placement[]) =>
    new Map(placed.map(({ workload, gpus: on }) => [workload.name, on.map(({ node }) => node).join()]));
  const now = where(after);
  const both = [...where(before)].filter(([name]) => now.has(name));
  return both.length === 0 ? 0 : both.filter(([name, node]) => now.get(name) !== node).length / both.length;
}
