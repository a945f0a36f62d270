import { type Environment, type Figures, type Resources, resources, type Size, type SizeTable } from "../../kit/sizes";

const figures: SizeTable = {
  dev: {
    small: { cpuMillicores: 50, memoryMiB: 256 },
    medium: { cpuMillicores: 100, memoryMiB: 512 },
    large: { cpuMillicores: 250, memoryMiB: 1024 },
  },
  prod: {
    small: { cpuMillicores: 200, memoryMiB: 1536 },
    medium: { cpuMillicores: 500, memoryMiB: 3072 },
    large: { cpuMillicores: 1000, memoryMiB: 6144 },
  },
};

/** What is not in the bucket yet, and the index that is read again and again. */
const besideBucketGiB: Readonly<Record<Size, number>> = { small: 10, medium: 20, large: 50 };

/** All logs. */
const allLogsGiB: Readonly<Record<Size, number>> = { small: 20, medium: 50, large: 200 };

/** What the settings leave open: the volume of each Loki. */
export function lokiStorageGiB(size: Size, bucket: boolean): number {
  return (bucket ? besideBucketGiB : allLogsGiB)[size];
}

export function lokiFigures(size: Size, environment: Environment): Figures {
  return figures[environment][size];
}

export function lokiResources(size: Size, environment: Environment): Resources {
  const { cpuMillicores, memoryMiB } = figures[environment][size];
  return resources(cpuMillicores, memoryMiB);
}

/** How Loki itself shares its memory out. */
export interface LokiMemory {
  /** Above it, garbage is collected without end: before the kernel ends the program. */
  readonly goLimitMiB: number;
  /** Each of the two caches: of chunks, and of answers. */
  readonly cacheMiB: number;
  /** Writes of the log that are replayed at a start before chunks are flushed to make room. */
  readonly replayMiB: number;
  /** Queries that one server works on at a time. */
  readonly queries: number;
}

export function lokiMemory(size: Size, environment: Environment): LokiMemory {
  const { memoryMiB } = figures[environment][size];
  return {
    goLimitMiB: Math.floor(memoryMiB * 0.9),
    cacheMiB: Math.floor(memoryMiB / 16),
    replayMiB: Math.floor(memoryMiB / 2),
    queries: environment === "dev" ? 2 : 4,
  };
}

/** How much smaller logs are on disk, measured with JSON lines full of random ids; index and metadata are in it. */
const COMPRESSION = 3;

/** What a cluster logs on average, as a part of the most that it may. */
export const AVERAGE_OF_PEAK = 1 / 200;

/** Space that is kept free: chunks are rewritten before the old ones go. */
const USABLE = 0.8;

const MIB_PER_GIB = 1024;
const SECONDS_PER_DAY = 86_400;

/** Space that logs take when all of them are on the volume, in GiB. */
export function volumeForLogsGiB(ingestionMiBPerSecond: number, retentionDays: number): number {
  const perDay = (ingestionMiBPerSecond * AVERAGE_OF_PEAK * SECONDS_PER_DAY) / MIB_PER_GIB;
  return (perDay * retentionDays) / COMPRESSION / USABLE;
}
