import { type Environment, type Resources, resources, type Size, type SizeTable } from "../../kit/sizes";

/** A broker's own figures: half of the memory is the heap, and less than 512 MiB of that ends in collecting garbage. */
const figures: SizeTable = {
  dev: {
    small: { cpuMillicores: 250, memoryMiB: 1024 },
    medium: { cpuMillicores: 500, memoryMiB: 1536 },
    large: { cpuMillicores: 1000, memoryMiB: 2048 },
  },
  prod: {
    small: { cpuMillicores: 500, memoryMiB: 2048 },
    medium: { cpuMillicores: 2000, memoryMiB: 4096 },
    large: { cpuMillicores: 4000, memoryMiB: 16384 },
  },
};

/** More heap only makes pauses longer: the rest of the memory is the kernel's cache of the log. */
const MOST_HEAP_MIB = 5120;

export interface BrokerSize {
  readonly resources: Resources;
  readonly heapMiB: number;
}

export function brokerSize(size: Size, environment: Environment): BrokerSize {
  const { cpuMillicores, memoryMiB } = figures[environment][size];
  return { resources: resources(cpuMillicores, memoryMiB), heapMiB: Math.min(memoryMiB / 2, MOST_HEAP_MIB) };
}

/** The heap as Strimzi's `jvmOptions`: as large from the start as it may become. */
export function heap(heapMiB: number) {
  return { "-Xms": `${heapMiB}m`, "-Xmx": `${heapMiB}m` };
}
