import { type Environment, type Figures, type Resources, resources, type Size } from "../../kit/sizes";

/** What a Mimir of a size asks for, and what it bears: as many series as the Prometheus of that size sends. */
export interface MimirFigures extends Figures {
  /** Time series that may be written at one time; each server has all of them. */
  readonly series: number;
  /** Volume where the settings say none: half a day of blocks, and the log of what comes in. */
  readonly storageGiB: number;
}

const figures: Readonly<Record<Environment, Readonly<Record<Size, MimirFigures>>>> = {
  dev: {
    small: { cpuMillicores: 100, memoryMiB: 512, series: 60_000, storageGiB: 10 },
    medium: { cpuMillicores: 250, memoryMiB: 1024, series: 130_000, storageGiB: 10 },
    large: { cpuMillicores: 500, memoryMiB: 2048, series: 280_000, storageGiB: 20 },
  },
  prod: {
    small: { cpuMillicores: 500, memoryMiB: 4096, series: 500_000, storageGiB: 20 },
    medium: { cpuMillicores: 1000, memoryMiB: 8192, series: 1_000_000, storageGiB: 40 },
    large: { cpuMillicores: 2000, memoryMiB: 16_384, series: 2_000_000, storageGiB: 100 },
  },
};

export function mimirFigures(size: Size, environment: Environment): MimirFigures {
  return figures[environment][size];
}

export function mimirResources(size: Size, environment: Environment): Resources {
  const { cpuMillicores, memoryMiB } = figures[environment][size];
  return resources(cpuMillicores, memoryMiB);
}

/** What Go is told: garbage is collected before the kernel ends the program. */
export function goLimitMiB(size: Size, environment: Environment): number {
  return Math.floor(figures[environment][size].memoryMiB * 0.9);
}

/** The shortest interval that the settings allow. */
const LEAST_INTERVAL_SECONDS = 10;
/** Samples in one second that are let through after a pause, when what has waited comes at once. */
const BURST_SECONDS = 30;

/** Samples in each second, and at once, when all series are scraped as often as they can be. */
export function ingestion(series: number) {
  const perSecond = Math.ceil(series / LEAST_INTERVAL_SECONDS);
  return { perSecond, burst: perSecond * BURST_SECONDS };
}

/** On the volume: blocks of half a day, and the log of what came in since the last one. */
const BLOCKS_HOURS = 13;
const LOG_HOURS = 3;
const BYTES_IN_BLOCKS = 1.5;
const BYTES_IN_LOG = 8;
/** The compactor works on the same volume, on blocks of a whole day. */
const USABLE = 0.4;

/** GiB that a volume needs at least. */
export function neededGiB(series: number, scrapeIntervalSeconds: number): number {
  const perHour = (series * 3600) / scrapeIntervalSeconds;
  const bytes = perHour * (BLOCKS_HOURS * BYTES_IN_BLOCKS + LOG_HOURS * BYTES_IN_LOG);
  return Math.ceil(bytes / 2 ** 30 / USABLE);
}
