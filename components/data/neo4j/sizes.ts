import { type Environment, type Resources, resources, type Size, type SizeTable } from "../../kit/sizes";

/** Neo4j's own least is 2 GB on a machine of its own; 1.5 GiB do for a small graph. */
const figures: SizeTable = {
  dev: {
    small: { cpuMillicores: 250, memoryMiB: 1536 },
    medium: { cpuMillicores: 500, memoryMiB: 2048 },
    large: { cpuMillicores: 1000, memoryMiB: 4096 },
  },
  prod: {
    small: { cpuMillicores: 500, memoryMiB: 4096 },
    medium: { cpuMillicores: 2000, memoryMiB: 8192 },
    large: { cpuMillicores: 4000, memoryMiB: 16384 },
  },
};

/** What the JVM and the network take beside the heap and the page cache: a fifth, and at least this. */
const LEAST_REST_MIB = 512;
const STEP_MIB = 64;

export interface Memory {
  /** Queries and transactions. */
  readonly heapMiB: number;
  /** The graph as it is on the volume. */
  readonly pageCacheMiB: number;
}

/** Requests and memory limit of the server. */
export function neo4jResources(size: Size, environment: Environment): Resources {
  const { cpuMillicores, memoryMiB } = figures[environment][size];
  return resources(cpuMillicores, memoryMiB);
}

/** How the server divides its memory: heap and page cache get the same. */
export function neo4jMemory(size: Size, environment: Environment): Memory {
  const { memoryMiB } = figures[environment][size];
  const rest = Math.max(LEAST_REST_MIB, Math.ceil(memoryMiB / 5));
  const half = Math.floor((memoryMiB - rest) / 2 / STEP_MIB) * STEP_MIB;
  return { heapMiB: half, pageCacheMiB: half };
}
