import { largestShare, memoryOf, partsFor, type Room } from "./room";
import type { Workload } from "./types";

/** As messages give memory. */
export const gib = (mib: number) => `${(mib / 1024).toFixed(1)} GiB`;

/** Why a workload is on no machine, one sentence for each; for people who have to change something. */
export function reasonsAgainst(room: Room, workload: Workload): string[] {
  if (room.gpus.length === 0) return ["There is no GPU."];
  return room.machines.map((machine) => {
    const { node } = room.gpus[machine[0]!]!;
    const count = workload.gpus ?? 1;
    if (machine.length < count) return `${node}: has ${machine.length} of the ${count} GPUs that it needs.`;
    const lacking = machine.map((index) => lack(room, index, workload));
    const fitting = lacking.filter((reason) => reason === undefined).length;
    const first = lacking.find((reason) => reason !== undefined);
    return count === 1 || fitting === 0
      ? `${node}: ${first}.`
      : `${node}: ${fitting} of its GPUs would do, ${count} are needed; ${first}.`;
  });
}

function lack(room: Room, index: number, workload: Workload): string | undefined {
  const { vendors, pool, unfit, memoryMiB, share, spread } = workload;
  const gpu = room.gpus[index]!;
  if (pool !== undefined && pool !== gpu.pool) return `it is in the pool ${gpu.pool}, not in ${pool}`;
  const other = unfit?.[gpu.node];
  if (other !== undefined) return other;
  if (!vendors.includes(gpu.vendor))
    return `its GPU is of ${gpu.vendor}, and the program runs on ${vendors.join(" or ")}`;
  if (memoryMiB > gpu.memoryMiB) return `${gpu.model} has ${gib(gpu.memoryMiB)}, and ${gib(memoryMiB)} are needed`;
  if (share > largestShare(gpu))
    return `each pod gets a part of ${largestShare(gpu)} of the ${gpu.model}, and ${share} is needed`;
  if (memoryMiB > memoryOf(share, gpu)) {
    return `its share of ${share} of the ${gpu.model} is ${gib(memoryOf(share, gpu))}, and ${gib(memoryMiB)} are needed`;
  }
  if (room.meets(index, { spread })) return "another replica of it runs there";
  if (room.mixes(index, { spread })) return "its other replicas are on GPUs of another kind";
  if (partsFor(share, gpu) > room.partsLeft(index)) return taken(room, index, share);
  return undefined;
}

function taken(room: Room, index: number, share: number): string {
  const { model, parts } = room.gpus[index]!;
  if (parts === 1) return `another pod has the ${model}, which is not shared`;
  return `${room.shareLeft(index)} of the GPU is left, and ${room.shareTaken(index, share)} is needed`;
}
