import { describe, expect, it } from "vitest";
import { measurePlacement, randomGpus, randomModels } from "../../../../sandbox/bench/placement";
import { placementMarkdown } from "../../../../sandbox/bench/placement-table";
import { random } from "../../../../sandbox/bench/random";

describe("the bench of the placement", () => {
  it("draws the same clusters for the same seed: 8 GPUs of several vendors, 20 models that may fit", () => {
    const gpus = randomGpus(random(7));
    expect(gpus).toEqual(randomGpus(random(7)));
    expect(gpus).toHaveLength(8);
    expect(new Set(gpus.map(({ model }) => model)).size).toBeGreaterThan(2);
    const models = randomModels(random(8), gpus, 0.9);
    expect(models).toHaveLength(20);
    expect(new Set(models.map(({ name }) => name)).size).toBe(20);
    for (const { share } of models) expect(share).toBeGreaterThan(0);
  });

  it("finds no GPU over what it has, and no plan behind first-fit-decreasing", () => {
    const measured = measurePlacement(4);
    expect(measured.map(({ fill, runs }) => [fill, runs])).toEqual([
      [0.5, 4],
      [0.9, 4],
      [1.3, 4],
    ]);
    for (const { overfull, againstMemory, placed } of measured) {
      expect(overfull).toBe(0);
      expect(againstMemory.worse).toBe(0);
      expect(againstMemory.better + againstMemory.same).toBe(4);
      expect(placed.plan).toBeGreaterThanOrEqual(placed.byMemory);
    }
    expect(placementMarkdown(measured).split("\n")).toHaveLength(5);
  });
});
