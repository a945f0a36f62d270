import { type Environment, type Figures, type Resources, resources, type Size, type SizeTable } from "../../kit/sizes";

/** ClickHouse's own figures: with less than a GiB its caches and background threads leave nothing for a query. */
const figures: SizeTable = {
  dev: {
    small: { cpuMillicores: 250, memoryMiB: 1024 },
    medium: { cpuMillicores: 500, memoryMiB: 2048 },
    large: { cpuMillicores: 1000, memoryMiB: 4096 },
  },
  prod: {
    small: { cpuMillicores: 500, memoryMiB: 2048 },
    medium: { cpuMillicores: 2000, memoryMiB: 8192 },
    large: { cpuMillicores: 4000, memoryMiB: 32768 },
  },
};

/** Keepers hold their whole tree in memory, and it is small: paths of tables and parts. */
const keeperFigures: Record<Environment, Figures> = {
  dev: { cpuMillicores: 100, memoryMiB: 256 },
  prod: { cpuMillicores: 250, memoryMiB: 512 },
};

/** Log and snapshots of a Keeper; the least that a Hetzner volume has. */
export const KEEPER_STORAGE_GIB = 10;

export function serverMemoryMiB(size: Size, environment: Environment): number {
  return figures[environment][size].memoryMiB;
}

export function serverResources(size: Size, environment: Environment): Resources {
  const { cpuMillicores, memoryMiB } = figures[environment][size];
  return resources(cpuMillicores, memoryMiB);
}

export function keeperResources(environment: Environment): Resources {
  const { cpuMillicores, memoryMiB } = keeperFigures[environment];
  return resources(cpuMillicores, memoryMiB);
}
