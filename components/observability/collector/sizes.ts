import type { Environment, Figures, Size, SizeTable } from "../../kit/sizes";

/** One collector's figures: spans pass through, and wait only while a store is away, or for the decision on a trace. */
const figures: SizeTable = {
  dev: {
    small: { cpuMillicores: 50, memoryMiB: 128 },
    medium: { cpuMillicores: 100, memoryMiB: 256 },
    large: { cpuMillicores: 200, memoryMiB: 512 },
  },
  prod: {
    small: { cpuMillicores: 200, memoryMiB: 512 },
    medium: { cpuMillicores: 500, memoryMiB: 1024 },
    large: { cpuMillicores: 1000, memoryMiB: 2048 },
  },
};

export function collectorSize(size: Size, environment: Environment): Figures {
  return figures[environment][size];
}

/** MiB that may wait for one store while it is away: three of them together take less than half of the memory. */
export function queueMiB({ memoryMiB }: Pick<Figures, "memoryMiB">): number {
  return memoryMiB / 8;
}

/** Traces that wait for their decision: at about 4 KiB each they take a quarter of the memory. */
export function pendingTraces({ memoryMiB }: Pick<Figures, "memoryMiB">): number {
  return (memoryMiB * 1024) / 16;
}
