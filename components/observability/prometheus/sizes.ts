import type { Environment, Figures, Size } from "../../kit/sizes";

/** What a Prometheus of a size asks for, and what it bears. */
export interface PrometheusFigures extends Figures {
  /** Time series that it holds at one time, with room for queries. */
  readonly series: number;
  /** Volume where the settings say none: enough for the usual retention. */
  readonly storageGiB: number;
}

const figures: Readonly<Record<Environment, Readonly<Record<Size, PrometheusFigures>>>> = {
  dev: {
    small: { cpuMillicores: 100, memoryMiB: 512, series: 60_000, storageGiB: 10 },
    medium: { cpuMillicores: 250, memoryMiB: 1024, series: 130_000, storageGiB: 20 },
    large: { cpuMillicores: 500, memoryMiB: 2048, series: 280_000, storageGiB: 40 },
  },
  prod: {
    small: { cpuMillicores: 500, memoryMiB: 4096, series: 500_000, storageGiB: 60 },
    medium: { cpuMillicores: 1000, memoryMiB: 8192, series: 1_000_000, storageGiB: 150 },
    large: { cpuMillicores: 2000, memoryMiB: 16_384, series: 2_000_000, storageGiB: 300 },
  },
};

export function prometheusFigures(size: Size, environment: Environment): PrometheusFigures {
  return figures[environment][size];
}

/** Share of the volume that blocks may take: the log of what comes in, and what is being compacted, need the rest. */
const BLOCKS_SHARE = 0.8;

/** `retentionSize`: the oldest blocks go before the volume is full. */
export function retentionSizeMiB(storageGiB: number): number {
  return Math.floor(storageGiB * 1024 * BLOCKS_SHARE);
}

/** Compressed, as Prometheus' manual says (one to two bytes) for series that change. */
const BYTES_PER_SAMPLE = 1.5;
const GIB = 2 ** 30;
const SECONDS_A_DAY = 86_400;

export interface RetentionFacts {
  readonly series: number;
  readonly scrapeIntervalSeconds: number;
  readonly retentionDays: number;
}

/** GiB that a volume needs at least, so that so many series are kept for so long. */
export function neededGiB({ series, scrapeIntervalSeconds, retentionDays }: RetentionFacts): number {
  const samples = (series * SECONDS_A_DAY * retentionDays) / scrapeIntervalSeconds;
  return Math.ceil((samples * BYTES_PER_SAMPLE) / GIB / BLOCKS_SHARE);
}
