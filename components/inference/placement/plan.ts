import { firstFitDecreasing, greedy, orders, places, ratings } from "./greedy";
import { reasonsAgainst } from "./reasons";
import { Room, roomAfter } from "./room";
import type { Gpu, Placement, Plan, Workload } from "./types";

/** Steps of the search that improves on the greedy passes: some tenths of a second at most. */
const STEPS = 20_000;

/**
 * Where each workload runs. Shares, and with them memory, are never exceeded. As many workloads as possible are placed,
 * on no more GPUs than first-fit-decreasing takes; the same input gives the same plan.
 *
 * Nobody remembers the last plan, and yet a new workload should move no other. So one pass is preferred: large workloads
 * first, each to the used GPU where it fits best. In it, a workload moves only smaller ones. Where that pass places less
 * than can be placed, others and a bounded search take its place, and then more may move.
 */
export function planPlacement(gpus: readonly Gpu[], workloads: readonly Workload[]): Plan {
  const placed = choose(gpus, workloads);
  const room = roomAfter(gpus, placed);
  const names = new Set(placed.map(({ workload }) => workload.name));
  const inOrder = new Map(workloads.map(({ name }, index) => [name, index]));
  return {
    placed: [...placed].sort((a, b) => inOrder.get(a.workload.name)! - inOrder.get(b.workload.name)!),
    unplaced: workloads
      .filter(({ name }) => !names.has(name))
      .map((workload) => ({ workload, reasons: reasonsAgainst(room, workload) })),
    left: room.left(),
  };
}

function choose(gpus: readonly Gpu[], workloads: readonly Workload[]): Placement[] {
  const [byMemory, byShare] = [orders.memory!, orders.share!].map((order) =>
    firstFitDecreasing(gpus, workloads, order),
  );
  const usual = better(byShare!, byMemory!) ? byShare! : byMemory!;
  const preferred = greedy(gpus, workloads, orders.memory!, ratings.dense);
  const asDense = (placed: readonly Placement[]) => !better(usual, placed);
  if (preferred.length === workloads.length && asDense(preferred)) return preferred;
  const passes = Object.values(orders).flatMap((order) =>
    Object.values(ratings).map((rating) => greedy(gpus, workloads, order, rating)),
  );
  const best = improve(
    gpus,
    workloads,
    passes.reduce((a, b) => (better(b, a) ? b : a)),
  );
  return preferred.length === best.length && asDense(preferred) ? preferred : best;
}

/** More workloads; with as many, fewer GPUs. */
function better(a: readonly Placement[], b: readonly Placement[]): boolean {
  return a.length > b.length || (a.length === b.length && gpusOf(a) < gpusOf(b));
}

export function gpusOf(placed: readonly Placement[]): number {
  return new Set(placed.flatMap(({ gpus }) => gpus.map(({ id }) => id))).size;
}

/** Depth first, workloads that are hard to place first; what cannot beat the best any more is cut off. */
function improve(gpus: readonly Gpu[], workloads: readonly Workload[], start: readonly Placement[]): Placement[] {
  const queue = [...workloads].sort(orders.both!);
  const room = new Room(gpus);
  const now: Placement[] = [];
  let best = [...start];
  let steps = 0;

  const search = (depth: number): void => {
    steps += 1;
    if (steps > STEPS) return;
    const most = now.length + queue.length - depth;
    if (most < best.length || (most === best.length && room.usedGpus >= gpusOf(best))) return;
    const workload = queue[depth];
    if (workload === undefined) {
      best = [...now];
      return;
    }
    for (const indices of alternatives(room, workload)) {
      room.put(indices, workload);
      now.push({ workload, gpus: indices.map((index) => gpus[index]!) });
      search(depth + 1);
      now.pop();
      room.take(indices, workload);
      if (steps > STEPS) return;
    }
    search(depth + 1);
  };
  search(0);
  return best;
}

/** Places that differ: of empty machines with one GPU of the same kind, in the same pool, the first stands for all. */
function alternatives(room: Room, workload: Workload): number[][] {
  const seen = new Set<string>();
  return places(room, workload, ratings.dense).filter(([index, ...others]) => {
    const { pool, vendor, model, memoryMiB, parts, onePart, kind: gpuKind, node } = room.gpus[index!]!;
    const gpusOfMachine = room.gpus.filter((gpu) => gpu.node === node).length;
    if (others.length > 0 || gpusOfMachine > 1 || room.used(index!)) return true;
    const kind = `${pool}/${vendor}/${model}/${memoryMiB}/${parts}/${onePart}/${gpuKind}`;
    const known = seen.has(kind);
    seen.add(kind);
    return !known;
  });
}
