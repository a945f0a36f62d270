import type { Environment, Figures, Size, SizeTable } from "../../kit/sizes";

/**
 * One server's figures. An ingester keeps what has come in during the last seconds in memory, and the generator a
 * histogram for each pair of services: docs/observability/traces.md says what each size bears.
 */
const figures: SizeTable = {
  dev: {
    small: { cpuMillicores: 50, memoryMiB: 256 },
    medium: { cpuMillicores: 200, memoryMiB: 512 },
    large: { cpuMillicores: 500, memoryMiB: 1024 },
  },
  prod: {
    small: { cpuMillicores: 200, memoryMiB: 1024 },
    medium: { cpuMillicores: 1000, memoryMiB: 4096 },
    large: { cpuMillicores: 2000, memoryMiB: 8192 },
  },
};

/** What a server takes in at most, and what it makes of it. */
export interface TempoLimits {
  /** MiB of spans that one server takes in each second. */
  readonly ingestionMiBPerSecond: number;
  /** Time series that the generator makes: over it, new ones are left out. */
  readonly maxSeries: number;
}

const limits: Readonly<Record<Environment, Readonly<Record<Size, TempoLimits>>>> = {
  dev: {
    small: { ingestionMiBPerSecond: 2, maxSeries: 5_000 },
    medium: { ingestionMiBPerSecond: 4, maxSeries: 10_000 },
    large: { ingestionMiBPerSecond: 8, maxSeries: 20_000 },
  },
  prod: {
    small: { ingestionMiBPerSecond: 8, maxSeries: 20_000 },
    medium: { ingestionMiBPerSecond: 15, maxSeries: 50_000 },
    large: { ingestionMiBPerSecond: 30, maxSeries: 100_000 },
  },
};

const storageGiB: Readonly<Record<Size, number>> = { small: 10, medium: 20, large: 50 };

export interface TempoSize extends Figures {
  readonly limits: TempoLimits;
}

export function tempoSize(size: Size, environment: Environment): TempoSize {
  return { ...figures[environment][size], limits: limits[environment][size] };
}

/** Volume of each server in GiB: all traces where there is no bucket, else what is not in it yet. */
export function tempoStorageGiB(size: Size): number {
  return storageGiB[size];
}
