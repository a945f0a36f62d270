import { describe, expect, it } from "vitest";
import { priceTable } from "../../../components/hetzner/market";
import { parseSettings, priceSettings, type SettingsInput } from "../../../stacks/settings";
import { rules } from "../../../stacks/settings/rules/index";
import { Settings } from "../../../stacks/settings/schema";
import {
  cloudVolumesGiB,
  longhornReplicas,
  nodesFor,
  plannedVolumes,
  storageArgs,
} from "../../../stacks/settings/volumes";

const base: SettingsInput = {
  environment: "dev",
  cluster: { name: "demo", domain: "demo.example.com" },
  access: { adminCidrs: ["203.0.113.7/32"] },
  pools: [{ name: "general", count: 3, serverType: "cpx42", locations: ["fsn1"] }],
  services: {
    postgres: { enabled: true, instances: 3, storageGiB: 100 },
    qdrant: { enabled: true, replicas: 1, storageGiB: 50 },
  },
};
const settings = (changes: Partial<SettingsInput> = {}) => parseSettings({ ...base, ...changes });

describe("planned volumes", () => {
  it("are those of the services that are on", () => {
    expect(plannedVolumes(settings({ services: {} }))).toEqual([]);
    expect(plannedVolumes(settings())).toMatchObject([
      { setting: "services.postgres", count: 3, perPod: 1, storageGiB: 100, kind: "cloud" },
      { setting: "services.qdrant", count: 1, perPod: 1, storageGiB: 50, kind: "cloud" },
    ]);
  });

  it.each([
    [{}, "cloud"],
    [{ longhorn: { enabled: true } }, "replicated"],
    [{ longhorn: { enabled: true }, durable: "cloud" }, "cloud"],
    [{ hcloudVolumes: { enabled: false } }, "local"],
    [{ durable: "local" }, "local"],
  ] as const)("with %j are of the kind %s", (storage, kind) => {
    expect(new Set(plannedVolumes(settings({ storage })).map((each) => each.kind))).toEqual(new Set([kind]));
  });

  it("cost what Hetzner's volumes cost, where they are Hetzner's", () => {
    expect(cloudVolumesGiB(settings())).toBe(350);
    expect(priceSettings(settings(), priceTable).volumesEur).toBe(20.02);
    const local = settings({ storage: { durable: "local" } });
    expect(cloudVolumesGiB(local)).toBe(0);
    expect(priceSettings(local, priceTable).volumesEur).toBe(0);
  });
});

describe("nodes for volumes", () => {
  const mixed = settings({
    dedicated: [{ name: "big-1", address: "203.0.113.41", model: "AX102", robotNumber: 2, pool: "big" }],
  });

  it("are cloud servers for Hetzner's, and all that take pods for the others", () => {
    expect(nodesFor(mixed, "cloud")).toBe(3);
    expect(nodesFor(mixed, "replicated")).toBe(4);
    expect(nodesFor(mixed, "local")).toBe(4);
  });

  it.each([
    [5, undefined, 3],
    [2, undefined, 2],
    [5, 2, 2],
  ])("%d of them, told %s, keep %d copies", (count, replicas, expected) => {
    const pools = [{ ...base.pools![0]!, count }];
    const storage = { longhorn: { enabled: true, replicas } };
    const made = Settings.parse({ ...base, pools, storage });
    expect(longhornReplicas(made)).toBe(expected);
    expect(storageArgs(made).longhorn).toEqual({ enabled: true, replicas: expected });
  });
});

describe("volumes for each server", () => {
  const check = (changes: Partial<SettingsInput>) =>
    rules.find(({ id }) => id === "volumes-per-server")!.check(Settings.parse({ ...base, ...changes }));
  const pool = (name: string, count: number, locations: string[]) => ({ name, count, serverType: "cpx42", locations });
  const reserved = (reservedPerServer: number) => ({ hcloudVolumes: { reservedPerServer } });

  it("are counted with one server lost", () => {
    // Four volumes: two servers are left for them, with two volumes each.
    expect(check({ storage: reserved(14) })).toEqual([]);
    expect(check({ storage: reserved(15) })).toMatchObject([{ allowed: "at most 2 volumes in fsn1" }]);
  });

  it("are counted in each location, where the volumes stay", () => {
    const pools = [pool("a", 2, ["fsn1", "nbg1"])];
    const message = expect.stringContaining("up to 3 volumes in nbg1, where 1 server takes pods");
    expect(check({ pools, storage: reserved(14) })).toMatchObject([{}, { message }]);
    expect(check({ pools, storage: reserved(13) })).toEqual([]);
  });

  it("are counted on servers that take pods alone", () => {
    const taints = [{ key: "only", value: "me", effect: "NoSchedule" as const }];
    const pools = [pool("a", 2, ["fsn1"]), { ...pool("b", 5, ["fsn1"]), taints }];
    expect(check({ pools, storage: reserved(13) })).toMatchObject([{ allowed: "at most 3 volumes in fsn1" }]);
  });

  it("do not matter where no data is on Hetzner volumes", () => {
    expect(check({ storage: { ...reserved(15), durable: "local" } })).toEqual([]);
  });
});
