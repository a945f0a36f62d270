import { describe, expect, it } from "vitest";
import {
  cachedModel,
  cacheKind,
  fetchMinutes,
  jobName,
  modelOrder,
  planCaches,
  sizeGiB,
} from "../../../../../components/inference/cache/plan";
import { COMMIT, model, service } from "./services";

const hubEndpoint = "https://hub.test";
const plan = (services: Parameters<typeof planCaches>[0], storageGiB?: number) =>
  planCaches(services, { hubEndpoint, ...(storageGiB === undefined ? {} : { storageGiB }) });
const large = model("large", { diskMiB: 20 * 1024 });

describe("volumes of models", () => {
  it("are one for each GPU machine, which its services share, and one for each CPU service", () => {
    const caches = plan([
      service("llm", large, ["gpu-1"]),
      service("embeddings", model("small"), ["gpu-1", "gpu-2"]),
      service("tts", model("voice")),
    ]);
    expect(
      caches.map(({ claim, machine, services }) => [claim.replace(/-[0-9a-f]{8}$/, "-*"), machine, services]),
    ).toEqual([
      ["model-cache-gpu-1", "gpu-1", ["llm", "embeddings"]],
      ["model-cache-gpu-2", "gpu-2", ["embeddings"]],
      ["model-cache-tts-*", undefined, ["tts"]],
    ]);
    expect(caches.map(({ models }) => models.map((each) => each.model.name))).toEqual([
      ["large", "small"],
      ["small"],
      ["voice"],
    ]);
    expect(caches[0]!.tolerations).toEqual([{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }]);
  });

  it("have a model of two services once", () => {
    const [cache] = plan([service("llm", large, ["gpu-1"]), service("chat", large, ["gpu-1"])]);
    expect(cache!.models).toHaveLength(1);
    expect(cache!.storageGiB).toBe(30);
  });

  it.each([
    [1, 10],
    [8 * 1024, 10],
    [8 * 1024 + 1, 20],
    [16 * 1024 + 1, 30],
  ])("of %i MiB have %i GiB", (diskMiB, expected) => {
    expect(sizeGiB([{ model: model("m", { diskMiB }) }])).toBe(expected);
  });

  it("have the size that the settings say", () => {
    expect(plan([service("llm", large, ["gpu-1"]), service("tts", large)], 55).map((each) => each.storageGiB)).toEqual([
      55, 55,
    ]);
  });

  it("of a CPU service are made anew when anything about them changes; those of machines never", () => {
    const name = (...args: Parameters<typeof plan>) => plan(...args)[0]!.claim;
    const services = [service("tts", large)];
    const other = { ...large, source: { ...large.source, revision: "f".repeat(40) } };
    const names = [
      name(services),
      name(services, 77),
      name([service("tts", other)]),
      name([service("tts", large, [], 2)]),
      planCaches(services, { hubEndpoint: "https://mirror.test" })[0]!.claim,
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(name([service("tts", large, ["gpu-1"])])).toBe(name([service("tts", other, ["gpu-1"])], 77));
  });
});

describe("a model's key", () => {
  const key = (source: object) =>
    cachedModel(model("m", { source: { repository: "a/b", revision: COMMIT, ...source } })).key;

  it("changes with what is fetched", () => {
    const keys = [
      key({}),
      key({ repository: "a/c" }),
      key({ revision: "f".repeat(40) }),
      key({ files: ["*.json"] }),
      key({ files: [] }),
      key({ checksums: { a: "1" } }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(key({})).toMatch(/^[0-9a-f]{8}$/);
  });

  it("does not depend on the order of words, or on the licence", () => {
    expect(key({ files: ["b", "a"] })).toBe(key({ files: ["a", "b"] }));
    expect(key({ checksums: { a: "1", b: "2" } })).toBe(key({ checksums: { b: "2", a: "1" } }));
    expect(key({ gated: true })).toBe(key({}));
  });

  it("of one that is not pinned is that of the newest commit", () => {
    const unpinned = model("m", { source: { repository: "a/b" } });
    expect(modelOrder(cachedModel(unpinned))).toMatchObject({ revision: "main" });
    expect(cachedModel(unpinned).key).toBe(key({ revision: "main" }));
  });
});

describe("a Job's name", () => {
  it("says the model, the place and the source", () => {
    const cached = cachedModel(model("qwen3-1.7b"));
    expect(jobName({ claim: "model-cache-gpu-1" }, cached)).toBe(`fetch-qwen3-1-7b-gpu-1-${cached.key}`);
  });

  it("is short enough for Kubernetes, and still unique", () => {
    const names = ["a", "b"].map((end) =>
      jobName({ claim: `model-cache-${"x".repeat(40)}-${end}` }, cachedModel(model("m".repeat(40)))),
    );
    expect(names[0]).not.toBe(names[1]);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$/);
  });
});

it("a Job has as long as 30 MB/s take, a quarter more, and a quarter of an hour", () => {
  expect(fetchMinutes(0)).toBe(15);
  // 54 GB: 30 minutes.
  expect(fetchMinutes(54_000_000_000 / 1024 / 1024)).toBe(15 + 38);
});

describe("storage of a volume", () => {
  const gpu = { machine: "gpu-1", shared: false };
  const cpu = { shared: false };
  const prod = { environment: "prod", durable: "cloud" } as const;

  it.each([
    ["a machine's own disk", gpu, { ...prod, kinds: ["cloud", "local"] }, "local"],
    ["nothing without local disks", gpu, { ...prod, kinds: ["cloud"] }, undefined],
    ["what services take", cpu, { ...prod, kinds: ["cloud", "local"] }, "cloud"],
    ["the node's own disk in dev", cpu, { environment: "dev", durable: "cloud", kinds: ["cloud", "local"] }, "local"],
    ["what there is in dev", cpu, { environment: "dev", durable: "cloud", kinds: ["cloud"] }, "cloud"],
    [
      "Longhorn for several nodes",
      { shared: true },
      { ...prod, kinds: ["cloud", "replicated", "shared"] },
      "replicated",
    ],
    ["NFS for several nodes", { shared: true }, { ...prod, kinds: ["cloud", "shared"] }, "shared"],
    ["nothing for several nodes", { shared: true }, { ...prod, kinds: ["cloud", "local"] }, undefined],
  ] as const)("is %s", (_, cache, storage, expected) => {
    expect(cacheKind(cache, storage)).toBe(expected);
  });
});
