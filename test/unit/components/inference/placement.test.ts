import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstFitDecreasing } from "../../../../components/inference/placement/greedy";
import { gpusOf, planPlacement } from "../../../../components/inference/placement/plan";
import type { Gpu, GpuVendor, Placement, Workload } from "../../../../components/inference/placement/types";

const GIB = 1024;

const gpu = (node: string, index: number, vendor: GpuVendor, memoryGiB: number): Gpu => ({
  id: `${node}/${index}`,
  node,
  pool: `pool-${vendor}`,
  vendor,
  model: `${vendor}-${memoryGiB}`,
  memoryMiB: memoryGiB * GIB,
});

const workload = (name: string, memoryGiB: number, share: number, more: Partial<Workload> = {}): Workload => ({
  name,
  memoryMiB: memoryGiB * GIB,
  share,
  vendors: ["nvidia"],
  ...more,
});

const one = [gpu("a", 0, "nvidia", 24)];

const vendors: GpuVendor[] = ["nvidia", "amd", "intel"];

const gpusArbitrary = fc
  .array(
    fc.record({
      vendor: fc.constantFrom(...vendors),
      memoryGiB: fc.constantFrom(16, 24, 48, 96),
      count: fc.integer({ min: 1, max: 3 }),
      parts: fc.constantFrom(undefined, 1, 4, 20),
      onePart: fc.constantFrom(false, false, true),
    }),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((machines) =>
    machines.flatMap(({ vendor, memoryGiB, count, parts, onePart }, node) =>
      Array.from({ length: count }, (_, index) => ({
        ...gpu(`node-${node}`, index, vendor, memoryGiB),
        ...(parts === undefined ? {} : { parts, onePart }),
      })),
    ),
  );

const workloadsArbitrary = fc
  .array(
    fc.record({
      memoryGiB: fc.integer({ min: 1, max: 60 }),
      share: fc.constantFrom(0.1, 0.2, 0.3, 0.5, 0.8, 0.95, 1),
      gpus: fc.constantFrom(1, 1, 1, 1, 2),
      vendors: fc.constantFrom<GpuVendor[]>(["nvidia"], ["nvidia", "amd"], vendors),
      spread: fc.constantFrom(undefined, undefined, "a", "b"),
    }),
    { maxLength: 12 },
  )
  .map((all) =>
    all.map(({ memoryGiB, share, gpus, vendors: able, spread }, index) =>
      workload(`model-${index}`, memoryGiB, share, {
        gpus,
        vendors: able,
        ...(spread === undefined ? {} : { spread }),
      }),
    ),
  );

/** What is put on each GPU. */
function loads(placed: readonly Placement[]) {
  const sums = new Map<string, { gpu: Gpu; memoryMiB: number; thousandths: number }>();
  for (const { workload: each, gpus } of placed) {
    for (const on of gpus) {
      const sum = sums.get(on.id) ?? { gpu: on, memoryMiB: 0, thousandths: 0 };
      sum.memoryMiB += each.memoryMiB;
      sum.thousandths += on.onePart ? 1000 / on.parts! : Math.round(each.share * 1000);
      sums.set(on.id, sum);
    }
  }
  return [...sums.values()];
}

const own = (placed: readonly Placement[], { id }: Gpu) =>
  placed.filter(({ gpus }) => gpus.some((each) => each.id === id));

describe("the placement of models on GPUs", () => {
  it("lets services share a GPU by their declared fractions, up to the whole", () => {
    const plan = planPlacement(one, [workload("whisper", 6, 0.5), workload("tts", 8, 0.5)]);
    expect(plan.unplaced).toEqual([]);
    expect(plan.left).toEqual([{ gpu: one[0], memoryMiB: 10 * GIB, share: 0 }]);
  });

  it("adds tenths up to one", () => {
    const tenths = Array.from({ length: 10 }, (_, index) => workload(`m${index}`, 1, 0.1));
    expect(planPlacement(one, tenths).unplaced).toEqual([]);
  });

  it.each<[string, Workload[], RegExp]>([
    [
      "a model that is bigger than the GPU",
      [workload("llm", 80, 0.95)],
      /^a: nvidia-24 has 24\.0 GiB, and 80\.0 GiB are needed\.$/,
    ],
    [
      "a model that needs more memory than its share of the GPU",
      [workload("a1", 20, 0.5)],
      /^a: its share of 0\.5 of the nvidia-24 is 12\.0 GiB, and 20\.0 GiB are needed\.$/,
    ],
    [
      "what cannot run there for a reason of its own",
      [workload("fp8", 2, 0.5, { unfit: { a: "it does not compute in 8 bits" } })],
      /^a: it does not compute in 8 bits\.$/,
    ],
    [
      "a share that others took",
      [workload("a1", 2, 0.8), workload("b1", 1, 0.5)],
      /^a: 0\.2 of the GPU is left, and 0\.5 is needed\.$/,
    ],
    [
      "a program of another vendor",
      [workload("rocm", 2, 0.5, { vendors: ["amd"] })],
      /^a: its GPU is of nvidia, and the program runs on amd\.$/,
    ],
    [
      "another pool",
      [workload("far", 2, 0.5, { pool: "gpu-2" })],
      /^a: it is in the pool pool-nvidia, not in gpu-2\.$/,
    ],
    [
      "too few GPUs in one machine",
      [workload("wide", 2, 0.5, { gpus: 2 })],
      /^a: has 1 of the 2 GPUs that it needs\.$/,
    ],
    [
      "a second replica",
      [workload("r1", 2, 0.2, { spread: "r" }), workload("r2", 2, 0.2, { spread: "r" })],
      /^a: another replica of it runs there\.$/,
    ],
  ])("says why it cannot place %s", (_, workloads, reason) => {
    const { unplaced } = planPlacement(one, workloads);
    expect(unplaced).toHaveLength(1);
    expect(unplaced[0]?.reasons).toEqual([expect.stringMatching(reason)]);
  });

  it("gives a GPU that is not shared to one workload, however small", () => {
    const whole = [{ ...one[0]!, parts: 1 }];
    const plan = planPlacement(whole, [workload("a1", 2, 0.2), workload("b1", 1, 0.1)]);
    expect(plan.placed.map(({ workload: { name } }) => name)).toEqual(["a1"]);
    expect(plan.left[0]).toMatchObject({ share: 0, memoryMiB: 22 * GIB });
    expect(plan.unplaced[0]?.reasons).toEqual(["a: another pod has the nvidia-24, which is not shared."]);
  });

  it("takes whole slices of a GPU in slices: what the scheduler counts", () => {
    const sliced = [{ ...one[0]!, parts: 4 }];
    const plan = planPlacement(sliced, [workload("a1", 2, 0.3), workload("b1", 2, 0.3), workload("c1", 2, 0.3)]);
    expect(plan.unplaced.map(({ workload: { name } }) => name)).toEqual(["c1"]);
    expect(plan.unplaced[0]?.reasons).toEqual(["a: 0 of the GPU is left, and 0.5 is needed."]);
  });

  it("counts slices without the errors of doubles: 0.55 of 20 slices are 11", () => {
    const sliced = [{ ...one[0]!, parts: 20 }];
    expect(planPlacement(sliced, [workload("a1", 2, 0.55), workload("b1", 2, 0.45)]).unplaced).toEqual([]);
  });

  it("gives one equal part to each, and to none more than that", () => {
    const equal = [{ ...one[0]!, parts: 4, onePart: true }];
    const plan = planPlacement(equal, [workload("a1", 2, 0.1), workload("b1", 6, 0.25), workload("c1", 2, 0.3)]);
    expect(plan.left[0]).toMatchObject({ share: 0.5 });
    expect(plan.unplaced[0]?.reasons).toEqual(["a: each pod gets a part of 0.25 of the nvidia-24, and 0.3 is needed."]);
  });

  it("puts replicas on GPUs of one kind only", () => {
    const mixed = [
      { ...gpu("a", 0, "nvidia", 24), kind: "ada" },
      { ...gpu("b", 0, "nvidia", 48), kind: "blackwell" },
      { ...gpu("c", 0, "nvidia", 48), kind: "blackwell" },
    ];
    const replicas = [0, 1].map((index) => workload(`r/${index}`, 10, 0.9, { spread: "r" }));
    expect(planPlacement(mixed, replicas).placed.map(({ gpus }) => gpus[0]?.node)).toEqual(["b", "c"]);
    const third = planPlacement(mixed, [...replicas, workload("r/2", 10, 0.9, { spread: "r" })]).unplaced[0];
    expect(third?.reasons[0]).toBe("a: its other replicas are on GPUs of another kind.");
  });

  it("says so where there is no GPU at all", () => {
    expect(planPlacement([], [workload("llm", 1, 1)]).unplaced[0]?.reasons).toEqual(["There is no GPU."]);
  });

  it("finds what first-fit-decreasing does not", () => {
    const two = [gpu("a", 0, "nvidia", 24), gpu("b", 0, "nvidia", 24)];
    const models = [0.42, 0.37, 0.33, 0.33, 0.29, 0.25].map((share, index) =>
      workload(`m${index}`, Math.floor(24 * share), share),
    );
    expect(firstFitDecreasing(two, models)).toHaveLength(5);
    expect(planPlacement(two, models).unplaced).toEqual([]);
  });

  it("leaves the large GPU free for what needs it", () => {
    const both = [gpu("big", 0, "nvidia", 96), gpu("small", 0, "nvidia", 24)];
    const plan = planPlacement(both, [workload("embeddings", 4, 0.8), workload("llm", 90, 0.95)]);
    expect(plan.placed.map(({ workload: { name }, gpus }) => [name, gpus[0]?.node])).toEqual([
      ["embeddings", "small"],
      ["llm", "big"],
    ]);
  });

  it("never puts more on a GPU than it has, nor a workload where it may not be, and says of each where it is", () => {
    fc.assert(
      fc.property(gpusArbitrary, workloadsArbitrary, (gpus, workloads) => {
        const { placed, unplaced, left } = planPlacement(gpus, workloads);
        for (const { gpu: on, memoryMiB, thousandths } of loads(placed)) {
          expect(memoryMiB).toBeLessThanOrEqual(on.memoryMiB);
          expect(thousandths).toBeLessThanOrEqual(1000);
          expect(own(placed, on).length).toBeLessThanOrEqual(on.parts ?? 1000);
          expect(left.find(({ gpu: { id } }) => id === on.id)).toMatchObject({ memoryMiB: on.memoryMiB - memoryMiB });
        }
        const groups = placed.flatMap(({ workload: { spread }, gpus: on }) =>
          spread === undefined ? [] : [`${spread}/${on[0]?.node}`],
        );
        expect(new Set(groups).size).toBe(groups.length);
        for (const { workload: each, gpus: on } of placed) {
          expect(new Set(on.map(({ id }) => id)).size).toBe(each.gpus ?? 1);
          expect(new Set(on.map(({ node }) => node)).size).toBe(1);
          expect(on.every(({ vendor }) => each.vendors.includes(vendor))).toBe(true);
          for (const { memoryMiB } of on) expect(each.memoryMiB).toBeLessThanOrEqual(each.share * memoryMiB);
        }
        const names = [...placed, ...unplaced].map(({ workload: { name } }) => name);
        expect(names.sort()).toEqual(workloads.map(({ name }) => name).sort());
      }),
      { numRuns: 60 },
    );
  });

  it("is never behind first-fit-decreasing: as many models, on no more GPUs", () => {
    fc.assert(
      fc.property(gpusArbitrary, workloadsArbitrary, (gpus, workloads) => {
        const { placed } = planPlacement(gpus, workloads);
        const usual = firstFitDecreasing(gpus, workloads);
        expect(placed.length).toBeGreaterThanOrEqual(usual.length);
        if (placed.length === usual.length) expect(gpusOf(placed)).toBeLessThanOrEqual(gpusOf(usual));
      }),
      { numRuns: 60 },
    );
  });

  it("is the same each time", () => {
    fc.assert(
      fc.property(gpusArbitrary, workloadsArbitrary, (gpus, workloads) => {
        expect(planPlacement(gpus, workloads)).toEqual(planPlacement(gpus, workloads));
      }),
      { numRuns: 20 },
    );
  });
});
