import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository } from "../../sandbox/paths";
import { dataChanges } from "../../stacks/review/data";
import { readPreview } from "../../stacks/review/preview-text";
import { type Operator, operatorOf } from "./operator";
import { type SandboxStack, sandboxStack, skipReason } from "./stack";
import { type Destroyed, Summary } from "./summary";

if (skipReason) console.log(`test/sandbox/data-kept.test.ts is skipped: ${skipReason}`);

const realDefinitions = path.resolve(repository, "../shared/crds");
const definitions = existsSync(realDefinitions) ? ["--crds", realDefinitions] : [];

interface Claim {
  metadata: { name: string; uid: string };
  spec: { volumeName: string; resources: { requests: { storage: string } } };
  status: { phase: string; capacity?: { storage: string }; conditions?: unknown[] };
}

interface Volume {
  metadata: { name: string; uid: string };
  spec: { csi: { volumeHandle: string }; capacity: { storage: string }; persistentVolumeReclaimPolicy: string };
  status: { phase: string };
}

interface CloudVolume {
  id: number;
  size: number;
  server: number | null;
}

const postgres = { enabled: true, storageGiB: 10 };
const qdrant = { enabled: true, storageGiB: 10 };
const grown = { qdrant: { ...qdrant, storageGiB: 20 }, postgres: { ...postgres, storageGiB: 15 } };

/** One stack whose services come and go: each test begins where the one before it ended. */
describe.skipIf(skipReason !== undefined)("data that services keep", { timeout: 300_000 }, () => {
  let stack: SandboxStack;
  let operator: Operator;

  const services = (changed: { qdrant?: object; postgres?: object }) =>
    stack.configure({ "orrery:services": { postgres, qdrant, ...changed } });
  const objects = async <T>(...args: string[]): Promise<T[]> =>
    (JSON.parse(await operator.kubectl("get", ...args, "-o", "json")) as { items: T[] }).items;
  const claims = (namespace: string) => objects<Claim>("persistentvolumeclaims", "-n", namespace);
  const volumes = () => objects<Volume>("persistentvolumes");
  const cloud = async () =>
    (await stack.hetzner<{ volumes: CloudVolume[] }>("GET", "/v1/volumes")).volumes.sort((a, b) => a.id - b.id);
  /** What a pull request's comment would say of data. */
  const previewed = async () => {
    const { stdout } = await stack.text("preview", ...definitions);
    return dataChanges(readPreview(stdout).changes);
  };
  /** The claim of qdrant, its volume, and what Hetzner has of it. */
  const ofQdrant = async () => {
    const claim = (await claims("vec")).find(({ metadata }) => metadata.name === "data-qdrant-0");
    const volume = (await volumes()).find(({ metadata }) => metadata.name === claim?.spec.volumeName);
    const sold = (await cloud()).find(({ id }) => String(id) === volume?.spec.csi.volumeHandle);
    return { claim, volume, sold };
  };
  const eventually = (what: () => Promise<unknown>) => expect.poll(what, { timeout: 30_000, interval: 250 });

  beforeAll(async () => {
    stack = await sandboxStack("e2e-data", {
      "orrery:cluster": { name: "orrery-data", domain: "data.example.com" },
      "orrery:gateway": undefined,
      "orrery:certificates": undefined,
      "orrery:observability": undefined,
      "orrery:inference": undefined,
      "orrery:services": { postgres, qdrant },
    });
    Summary.parse(await stack.up(...definitions));
    operator = await operatorOf(stack);
  }, 300_000);

  afterAll(() => stack?.remove(), 60_000);

  it("grow with the settings: claim, volume, and what Hetzner has", async () => {
    const before = await ofQdrant();
    expect(before.sold).toMatchObject({ size: 10 });
    await services(grown);
    const up = Summary.parse(await stack.up(...definitions));
    expect(up.resources).toMatchObject({ create: 0, delete: 0 });
    await eventually(async () => (await ofQdrant()).claim?.status.capacity?.storage).toBe("20Gi");
    const after = await ofQdrant();
    expect(after.claim?.metadata.uid).toBe(before.claim?.metadata.uid);
    expect(after.claim?.status.conditions ?? []).toEqual([]);
    expect(after.volume?.spec.capacity.storage).toBe("20Gi");
    expect(after.sold).toMatchObject({ id: before.sold?.id, size: 20 });
    // CloudNativePG grows its own.
    await eventually(async () => (await claims("db")).map(({ status }) => status.capacity?.storage)).toEqual(["15Gi"]);
    expect((await cloud()).map(({ size }) => size).sort()).toEqual([15, 20]);
  });

  it.each([
    ["a service of ours", { qdrant: { ...qdrant, storageGiB: 15 } }, "services.qdrant.storageGiB back to 20"],
    ["an operator's", { postgres: { ...postgres, storageGiB: 12 } }, "Put orrery:services.postgres.storageGiB back"],
  ])("are refused to shrink before anything happens: %s", async (_, changed, fix) => {
    await services({ ...grown, ...changed });
    const before = await stack.state();
    const refused = await stack.run("up", ...definitions);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(fix);
    expect(refused.stderr).toContain("Nothing was changed.");
    expect((await stack.state()).resources).toEqual(before.resources);
  });

  it("stay when their services are switched off, as the preview says", async () => {
    const before = await ofQdrant();
    const [postgresClaim] = await claims("db");
    await services({ qdrant: { enabled: false }, postgres: { enabled: false } });
    expect(await previewed()).toEqual({
      stay: expect.arrayContaining(["PersistentVolumeClaim data-qdrant-0", "Namespace vec", "Namespace db"]),
      go: ["Cluster postgres"],
      deleted: [],
    });
    await stack.up(...definitions);
    const off = await ofQdrant();
    expect(off.claim?.metadata.uid).toBe(before.claim?.metadata.uid);
    await eventually(async () => (await ofQdrant()).sold).toMatchObject({ id: before.sold?.id, server: null });
    // CloudNativePG takes its claims along; what is on them stays.
    await eventually(() => claims("db")).toEqual([]);
    const volume = (await volumes()).find(({ metadata }) => metadata.name === postgresClaim?.spec.volumeName);
    expect(volume?.status.phase).toBe("Released");
    expect((await cloud()).map(({ id }) => String(id))).toContain(volume?.spec.csi.volumeHandle);
    const left = (await operator.pods()).filter(({ metadata }) => ["db", "vec"].includes(metadata?.namespace ?? ""));
    expect(left).toEqual([]);
  });

  it("come back with their service, and grow at that; others go for good with deleteData", async () => {
    const before = await ofQdrant();
    await services({ qdrant: { ...qdrant, storageGiB: 30 }, postgres: { enabled: false, deleteData: true } });
    Summary.parse(await stack.up(...definitions));
    const back = await ofQdrant();
    expect(back.claim?.metadata.uid).toBe(before.claim?.metadata.uid);
    expect(back.volume?.metadata.uid).toBe(before.volume?.metadata.uid);
    await eventually(async () => (await ofQdrant()).sold).toMatchObject({ id: before.sold?.id, size: 30 });
    await eventually(async () => (await ofQdrant()).claim?.status.capacity?.storage).toBe("30Gi");
    expect((await ofQdrant()).sold?.server).not.toBeNull();
    // What was PostgreSQL's, without a claim.
    expect((await volumes()).map(({ metadata }) => metadata.name)).toEqual([back.volume?.metadata.name]);
    expect((await cloud()).map(({ id }) => id)).toEqual([back.sold?.id]);
  });

  it("go for good in the same `up` too that switches the service off, as the preview says", async () => {
    await services({ qdrant: { enabled: false, deleteData: true } });
    expect(await previewed()).toMatchObject({ deleted: ["qdrant"] });
    await stack.up(...definitions);
    await eventually(() => claims("vec")).toEqual([]);
    await eventually(async () => (await cloud()).map(({ size }) => size)).toEqual([10]);
    expect((await volumes()).map(({ spec }) => spec.capacity.storage)).toEqual(["10Gi"]);
  });

  it("go with an environment that is not protected: the account is empty", async () => {
    expect((await volumes()).map(({ spec }) => spec.persistentVolumeReclaimPolicy)).toEqual(["Retain"]);
    const destroyed = await stack.destroy<Destroyed>(...definitions);
    expect(destroyed.left).toEqual([]);
  });
});
