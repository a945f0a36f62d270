import { describe, expect, it } from "vitest";
import { priceTable } from "../../../components/hetzner/market";
import { parseSettings, priceSettings, type SettingsInput } from "../../../stacks/settings";
import { cacheKindOf, keepsModelsInBucket, plannedCaches } from "../../../stacks/settings/model-caches";
import { neededSecrets } from "../../../stacks/settings/secrets";
import { cloudVolumesGiB, plannedVolumes } from "../../../stacks/settings/volumes";

const base: SettingsInput = {
  environment: "dev",
  cluster: { name: "demo", domain: "demo.example.com" },
  access: { adminCidrs: ["203.0.113.7/32"] },
  pools: [{ name: "general", count: 3, serverType: "cpx42", locations: ["fsn1"] }],
};
const inference = { enabled: true, services: { llm: {}, embeddings: {} } };
const settings = (changes: Partial<SettingsInput> = {}) => parseSettings({ ...base, inference, ...changes });
const machine = {
  name: "gpu-1",
  address: "203.0.113.40",
  model: "GEX45",
  robotNumber: 2400001,
  diskSelector: { type: "nvme" },
  gpu: { vendor: "nvidia", sharing: { strategy: "time-slicing" } },
} as const;

describe("volumes of models", () => {
  it("are planned with all others, and none while inference is off", () => {
    expect(plannedVolumes(settings({ inference: { enabled: false } }))).toEqual([]);
    const rows = plannedVolumes(settings());
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect(row).toMatchObject({ setting: "inference.cache", count: 1, perPod: 1, storageGiB: 10, kind: "local" });
    }
  });

  it("of CPU services cost what Hetzner's volumes cost, where they are Hetzner's", () => {
    const cloud = settings({ storage: { localPath: { enabled: false } } });
    expect(plannedVolumes(cloud).map(({ kind }) => kind)).toEqual(["cloud", "cloud"]);
    expect(cloudVolumesGiB(cloud)).toBe(20);
    expect(priceSettings(cloud, priceTable).volumesEur).toBeGreaterThan(0);
    expect(priceSettings(settings(), priceTable).volumesEur).toBe(0);
  });

  it("of GPU machines are one for each, on its own disk, and cost nothing", () => {
    const gpu = settings({
      dedicated: [machine],
      talos: { nvidia: { modules: "open" } },
      inference: { enabled: true, services: { llm: { gpu: { share: 0.8 } }, embeddings: { gpu: { share: 0.2 } } } },
    });
    expect(plannedCaches(gpu).map(({ claim, services }) => [claim, services])).toEqual([
      ["model-cache-gpu-1", ["llm", "embeddings"]],
    ]);
    expect(plannedVolumes(gpu)).toMatchObject([{ kind: "local", count: 1 }]);
    expect(cloudVolumesGiB(gpu)).toBe(0);
  });

  it("of several replicas are on what several nodes can mount", () => {
    const two = { enabled: true, services: { llm: { replicas: 2 } } };
    const nfs = settings({ inference: two, storage: { nfs: { enabled: true, server: "10.0.0.9" } } });
    expect(plannedCaches(nfs).map((cache) => cacheKindOf(cache, nfs))).toEqual(["shared"]);
    // Nobody here pays for it, and it is no volume of a node.
    expect(plannedVolumes(nfs)).toEqual([]);
  });

  it("have the size that the settings say", () => {
    const sized = settings({ inference: { ...inference, cache: { storageGiB: 33 } } });
    expect(plannedVolumes(sized).map(({ storageGiB }) => storageGiB)).toEqual([33, 33]);
  });
});

describe("a bucket for models", () => {
  const objects = { kind: "minio" } as const;

  it.each([
    [{ objects }, false],
    [{ objects, inference: { ...inference, cache: { bucket: true } } }, true],
    [{}, false],
  ])("in dev, with %j: %s", (changes, expected) => {
    expect(keepsModelsInBucket(settings(changes))).toBe(expected);
  });

  it("is usual in prod, where there are buckets", () => {
    const prod = (changes: Parameters<typeof settings>[0] = {}) =>
      keepsModelsInBucket({ ...settings(changes), environment: "prod" });
    expect(prod({ objects })).toBe(true);
    expect(prod()).toBe(false);
    expect(prod({ objects, inference: { ...inference, cache: { bucket: false } } })).toBe(false);
  });
});

describe("the token for gated models", () => {
  const named = (enabled: boolean) => ({
    inference: { ...inference, enabled, huggingFaceTokenSecret: "hugging-face" },
  });
  const secrets = { values: { "hugging-face": "hf_0123456789abcdef" } };

  it("is a secret that a person brings, while models are on", () => {
    expect(neededSecrets(settings({ ...named(true), secrets }))).toContainEqual({
      name: "hugging-face",
      what: "token of Hugging Face, for gated models",
      setting: "inference.huggingFaceTokenSecret",
    });
    expect(() => settings(named(true))).toThrow(/needs the token of Hugging Face/);
    expect(neededSecrets(settings(named(false)))).toEqual([]);
  });
});
