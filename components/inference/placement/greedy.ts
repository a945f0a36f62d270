import { Room } from "./room";
import type { Gpu, Placement, Workload } from "./types";

/** In which order workloads are taken: what is hard to place comes first. */
export type Order = (a: Workload, b: Workload) => number;

/** How bad a place is for a workload: the least is taken; undefined: the first that fits. */
export type Rating = ((room: Room, index: number, workload: Workload) => number) | undefined;

const total = ({ memoryMiB, gpus = 1 }: Workload) => memoryMiB * gpus;

const byName: Order = (a, b) => (a.name < b.name ? -1 : 1);

/** Workloads of several GPUs first in every order: they find no place between the others. */
const ordered =
  (weight: (workload: Workload) => number): Order =>
  (a, b) =>
    (b.gpus ?? 1) - (a.gpus ?? 1) || weight(b) - weight(a) || byName(a, b);

export const orders: Readonly<Record<string, Order>> = {
  memory: ordered(total),
  share: ordered(({ share }) => share),
  both: ordered((workload) => total(workload) / 1024 + workload.share * 48),
  /** What runs on few kinds of GPU first. */
  choosy: (a, b) => a.vendors.length - b.vendors.length || ordered(total)(a, b),
};

export const ratings: Readonly<Record<string, Rating>> = {
  first: undefined,
  /** Where the least memory is left. */
  bestMemory: (room, index, { memoryMiB }) => room.memoryLeft(index) - memoryMiB,
  /** Where the least is left of both, each as a part of the whole GPU. */
  bestBoth: (room, index, { memoryMiB, share }) =>
    (room.memoryLeft(index) - memoryMiB) / room.gpus[index]!.memoryMiB + (room.shareLeft(index) - share),
  /** A GPU that is used already, and of those where the least is left; a small one before a large one. */
  dense: (room, index, { memoryMiB }) =>
    (room.used(index) ? 0 : 1e9 + room.gpus[index]!.memoryMiB) + room.memoryLeft(index) - memoryMiB,
};

/** One pass: each workload goes where it fits best, and stays. */
export function greedy(
  gpus: readonly Gpu[],
  workloads: readonly Workload[],
  order: Order,
  rating: Rating,
): Placement[] {
  const room = new Room(gpus);
  return [...workloads].sort(order).flatMap((workload) => {
    const indices = places(room, workload, rating)[0];
    if (indices === undefined) return [];
    room.put(indices, workload);
    return [{ workload, gpus: indices.map((index) => gpus[index]!) }];
  });
}

/** First-fit-decreasing: what the plan is measured against. @param order by memory, unless another is given */
export function firstFitDecreasing(
  gpus: readonly Gpu[],
  workloads: readonly Workload[],
  order: Order = orders.memory!,
): Placement[] {
  return greedy(gpus, workloads, order, ratings.first);
}

/** Where a workload can go now, the best place of each machine first. */
export function places(room: Room, workload: Workload, rating: Rating): number[][] {
  const count = workload.gpus ?? 1;
  const badness = (index: number) => rating?.(room, index, workload) ?? index;
  const found = room.fitting(workload).flatMap((able) => {
    if (able.length < count) return [];
    const best = [...able].sort((a, b) => badness(a) - badness(b) || a - b);
    // One GPU: each is a place of its own. Several: the best of the machine are the one that matters.
    return count === 1 ? best.map((index) => [index]) : [best.slice(0, count)];
  });
  const worst = (place: readonly number[]) => Math.max(...place.map(badness));
  return found.sort((a, b) => worst(a) - worst(b) || a[0]! - b[0]!);
}
