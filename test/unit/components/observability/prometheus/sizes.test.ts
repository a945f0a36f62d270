import { describe, expect, it } from "vitest";
import type { Environment, Size } from "../../../../../components/kit/sizes";
import {
  neededGiB,
  prometheusFigures,
  retentionSizeMiB,
} from "../../../../../components/observability/prometheus/sizes";

const environments: readonly Environment[] = ["dev", "prod"];
const sizes: readonly Size[] = ["small", "medium", "large"];

describe("sizes of Prometheus", () => {
  it.each(environments)("of %s have volumes that hold the usual retention", (environment) => {
    for (const size of sizes) {
      const { series, storageGiB } = prometheusFigures(size, environment);
      const needed = neededGiB({ series, scrapeIntervalSeconds: 30, retentionDays: 15 });
      expect(storageGiB, size).toBeGreaterThanOrEqual(needed);
    }
  });

  it.each(environments)("of %s grow in everything", (environment) => {
    const figures = sizes.map((size) => prometheusFigures(size, environment));
    for (const key of ["cpuMillicores", "memoryMiB", "series", "storageGiB"] as const) {
      const values = figures.map((each) => each[key]);
      expect(
        [...values].sort((a, b) => a - b),
        key,
      ).toEqual(values);
      expect(new Set(values).size, key).toBe(sizes.length);
    }
  });

  it("have at least six KiB of memory for each series", () => {
    for (const environment of environments) {
      for (const size of sizes) {
        const { memoryMiB, series } = prometheusFigures(size, environment);
        expect((memoryMiB * 1024) / series, `${environment} ${size}`).toBeGreaterThanOrEqual(6);
      }
    }
  });
});

describe("the volume", () => {
  it.each([
    [{ series: 60_000, scrapeIntervalSeconds: 30, retentionDays: 15 }, 5],
    [{ series: 60_000, scrapeIntervalSeconds: 15, retentionDays: 15 }, 10],
    [{ series: 60_000, scrapeIntervalSeconds: 30, retentionDays: 30 }, 10],
    [{ series: 500_000, scrapeIntervalSeconds: 30, retentionDays: 7 }, 18],
  ])("for %j is at least %d GiB", (facts, needed) => {
    expect(neededGiB(facts)).toBe(needed);
  });

  it("leaves a fifth to the log and to compaction", () => {
    expect(retentionSizeMiB(10)).toBe(8192);
  });
});
