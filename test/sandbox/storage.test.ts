import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createClaims } from "../../components/kit/claims";
import { OnlyGrows } from "../../components/platform/storage/only-grows";
import { type ServedProvider, serveProvider } from "../../sandbox/providers/framework";
import { kubernetesProvider } from "../../sandbox/providers/kubernetes";
import { text } from "../../sandbox/providers/kubernetes/objects";
import { TestCluster } from "./kubernetes-provider/cluster";
import { TestStack } from "./kubernetes-provider/stack";

const tools = process.env["ORRERY_TOOLS_DIR"] ?? "";
if (tools === "") {
  console.log("storage.test.ts is skipped: ORRERY_TOOLS_DIR does not name a folder with the tools");
}

type Program = () => Promise<Record<string, unknown> | undefined>;

const MERGE_PATCH = "application/merge-patch+json";
const identity = { name: "store", instance: "store", component: "database", domain: "vec" };

describe.skipIf(tools === "")("storage against the real engine and a real API server", { timeout: 120_000 }, () => {
  const folder = tools === "" ? "" : mkdtempSync(join(tmpdir(), "orrery-storage-"));
  const cluster = new TestCluster(tools, join(folder, "cluster"), "127.78.0.2");
  let provider: ServedProvider;

  beforeAll(async () => {
    await cluster.start();
    provider = await serveProvider(kubernetesProvider());
  });

  afterAll(async () => {
    await provider?.close();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const connection = () =>
    new k8s.Provider("cluster", {
      kubeconfig: cluster.kubeconfig,
      enableServerSideApply: true,
      upsertExistingObjects: true,
    });
  const create = (path: string, body: object) => cluster.client.request({ method: "POST", path, body: body as never });

  describe("claims", () => {
    interface Wish {
      storageGiB: number;
      replicas?: number;
      storageClass?: string;
      version?: string;
    }
    let stack: TestStack;

    const program =
      (wish: Wish | undefined): Program =>
      async () => {
        const options = { provider: connection() };
        const namespace = new k8s.core.v1.Namespace("vec", { metadata: { name: "vec" } }, options);
        if (wish === undefined) return undefined;
        const { replicas = 1, storageGiB, storageClass = "grows", version } = wish;
        createClaims(
          "store",
          {
            identity: { ...identity, ...(version === undefined ? {} : { owner: version }) },
            namespace: "vec",
            replicas,
            volumes: [{ name: "data", storageGiB, storageClass, setting: "services.store.storageGiB" }],
          },
          { ...options, dependsOn: [namespace] },
        );
        return undefined;
      };
    const claim = (name: string) => cluster.client.get(`/api/v1/namespaces/vec/persistentvolumeclaims/${name}`);
    const size = async (name: string) => text(await claim(name), "spec", "resources", "requests", "storage");

    /** A volume of a size for a claim, as a driver would make it. */
    const volumeFor = (name: string, storageClass: string, storage: string) =>
      create("/api/v1/persistentvolumes", {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: { name: `volume-${name}` },
        spec: {
          capacity: { storage },
          accessModes: ["ReadWriteOnce"],
          storageClassName: storageClass,
          claimRef: { namespace: "vec", name },
          hostPath: { path: `/tmp/${name}` },
          persistentVolumeReclaimPolicy: "Retain",
        },
      });
    const bound = (name: string) =>
      vi.waitFor(async () => expect(text(await claim(name), "status", "phase")).toBe("Bound"), { timeout: 30_000 });

    beforeAll(async () => {
      for (const [name, allowVolumeExpansion] of [
        ["grows", true],
        ["local-path", false],
      ] as const) {
        await create("/apis/storage.k8s.io/v1/storageclasses", {
          apiVersion: "storage.k8s.io/v1",
          kind: "StorageClass",
          metadata: { name },
          provisioner: "test.example.com/volumes",
          allowVolumeExpansion,
        });
      }
      stack = await TestStack.open(folder, tools, provider.port, "claims");
      await volumeFor("data-store-0", "grows", "10Gi");
      const made = await stack.up(program({ storageGiB: 10 }));
      expect(made.error).toBeUndefined();
      await bound("data-store-0");
    });

    it("grow in place, as a preview shows", async () => {
      const preview = await stack.preview(program({ storageGiB: 20 }));
      expect(preview.changes).toMatchObject({ update: 1 });
      expect(preview.text).toMatch(/storage: "10Gi" => "20Gi"/);
      expect(await size("data-store-0")).toBe("10Gi");
      expect((await stack.up(program({ storageGiB: 20 }))).changes).toMatchObject({ update: 1 });
      expect(await size("data-store-0")).toBe("20Gi");
      expect((await stack.up(program({ storageGiB: 20 }))).changes).toEqual({ same: 4 });
    });

    it("are refused to shrink in the preview, with what to do", async () => {
      for (const attempt of [stack.preview(program({ storageGiB: 5 })), stack.up(program({ storageGiB: 5 }))]) {
        const { text: said, error } = await attempt;
        expect(error).toBeDefined();
        expect(said).toContain("data-store-0 would shrink from 20 to 5 GiB");
        expect(said).toContain("Set orrery:services.store.storageGiB back to 20");
      }
      expect(await size("data-store-0")).toBe("20Gi");
    });

    it("are more with more replicas, and kept with fewer", async () => {
      expect((await stack.up(program({ storageGiB: 20, replicas: 2 }))).changes).toMatchObject({ create: 1 });
      expect((await stack.up(program({ storageGiB: 20, replicas: 1 }))).changes).toMatchObject({ delete: 1 });
      expect(await size("data-store-1")).toBe("20Gi");
    });

    it("stay when they leave the program, and are taken over with another size and other labels", async () => {
      const uid = text(await claim("data-store-0"), "metadata", "uid");
      await stack.up(program(undefined));
      expect(text(await claim("data-store-0"), "metadata", "uid")).toBe(uid);
      const back = await stack.up(program({ storageGiB: 30, version: "another" }));
      expect(back.error, back.text).toBeUndefined();
      expect(text(await claim("data-store-0"), "metadata", "uid")).toBe(uid);
      expect(await size("data-store-0")).toBe("30Gi");
      const next = await stack.up(program({ storageGiB: 31, version: "third" }));
      expect(next.error, next.text).toBeUndefined();
      expect(await size("data-store-0")).toBe("31Gi");
    });

    it("are refused to shrink in the preview by the API server where the program knows nothing of them", async () => {
      await stack.up(program(undefined));
      const preview = await stack.preview(program({ storageGiB: 5 }));
      expect(preview.error).toBeDefined();
      expect(preview.text).toMatch(/field can not be less than (status\.capacity|previous value)/);
    });

    it("keep their class", async () => {
      await stack.up(program({ storageGiB: 31 }));
      expect((await stack.preview(program({ storageGiB: 31, storageClass: "local-path" }))).changes).toEqual({
        same: 4,
      });
    });

    it("are refused to grow where the class cannot", async () => {
      const local = await TestStack.open(folder, tools, provider.port, "local");
      const fixed = (storageGiB: number): Program => {
        return async () => {
          createClaims(
            "fixed",
            {
              identity: { ...identity, instance: "fixed" },
              namespace: "vec",
              replicas: 1,
              volumes: [{ name: "data", storageGiB, storageClass: "local-path" }],
            },
            { provider: connection() },
          );
          return undefined;
        };
      };
      await local.up(fixed(5));
      const preview = await local.preview(fixed(6));
      expect(preview.error).toBeDefined();
      expect(preview.text).toContain("Volumes of local-path cannot grow");
    });
  });

  describe("sizes of custom resources", () => {
    const definition = (group: string, plural: string, kind: string) => ({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { plural, kind, singular: kind.toLowerCase() },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
          },
        ],
      },
    });
    const claim = (storage: string) => ({ resources: { requests: { storage } } });
    /** Its spec with volumes of a size, for each kind. */
    const kinds = [
      {
        group: "postgresql.cnpg.io",
        plural: "clusters",
        kind: "Cluster",
        spec: (size: string) => ({ instances: 1, storage: { size }, walStorage: { size: "1Gi" } }),
        says: "its volumes from 20Gi to 10Gi. Put orrery:services.postgres.storageGiB back",
      },
      {
        group: "kafka.strimzi.io",
        plural: "kafkanodepools",
        kind: "KafkaNodePool",
        spec: (size: string) => ({
          storage: {
            type: "jbod",
            volumes: [
              { id: 0, size: "1Gi" },
              { id: 1, size },
            ],
          },
        }),
        says: "1 from 20Gi to 10Gi. Put orrery:services.kafka.storageGiB back",
      },
      {
        group: "elasticsearch.k8s.elastic.co",
        plural: "elasticsearches",
        kind: "Elasticsearch",
        spec: (size: string) => ({
          nodeSets: [
            { name: "first", count: 1 },
            {
              name: "second",
              volumeClaimTemplates: [
                { metadata: { name: "logs" }, spec: claim("1Gi") },
                { metadata: { name: "data" }, spec: claim(size) },
              ],
            },
          ],
        }),
        says: "data from 20Gi to 10Gi. Put orrery:services.elasticsearch.storageGiB back",
      },
      {
        group: "clickhouse.altinity.com",
        plural: "clickhouseinstallations",
        kind: "ClickHouseInstallation",
        spec: (size: string) => ({ templates: { volumeClaimTemplates: [{ name: "data", spec: claim(size) }] } }),
        says: "data from 20Gi to 10Gi. Put orrery:services.clickhouse.storageGiB back",
      },
      {
        group: "clickhouse-keeper.altinity.com",
        plural: "clickhousekeeperinstallations",
        kind: "ClickHouseKeeperInstallation",
        spec: (size: string) => ({ templates: { volumeClaimTemplates: [{ name: "data", spec: claim(size) }] } }),
        says: "data from 20Gi to 10Gi. Put orrery:services.clickhouse.storageGiB back",
      },
    ];
    let stack: TestStack;
    const program =
      (size: string): Program =>
      async () => {
        const options = { provider: connection() };
        const guard = new OnlyGrows("storage-only-grows", { providers: [options.provider] });
        for (const { group, kind, spec } of kinds) {
          new k8s.apiextensions.CustomResource(
            kind.toLowerCase(),
            { apiVersion: `${group}/v1`, kind, metadata: { name: "it", namespace: "default" }, spec: spec(size) },
            pulumi.mergeOptions(options, { dependsOn: [guard] }),
          );
        }
        return undefined;
      };
    const patch = (group: string, plural: string, spec: object, dryRun = "") =>
      cluster.client.request({
        method: "PATCH",
        path: `/apis/${group}/v1/namespaces/default/${plural}/it${dryRun}`,
        body: { spec } as never,
        contentType: MERGE_PATCH,
      });

    beforeAll(async () => {
      stack = await TestStack.open(folder, tools, provider.port, "sizes");
      // Before the kinds are there: it must not mind.
      const guard = await stack.up(async () => {
        new OnlyGrows("storage-only-grows", { providers: [connection()] });
        return undefined;
      });
      expect(guard.error).toBeUndefined();
      const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
      for (const { group, plural, kind } of kinds) await create(definitions, definition(group, plural, kind));
      const made = await stack.up(program("20Gi"));
      expect(made.error, made.text).toBeUndefined();
      // The server takes a moment to act on a new policy.
      await vi.waitFor(
        async () => {
          await expect(
            patch("postgresql.cnpg.io", "clusters", { storage: { size: "1Gi" } }, "?dryRun=All"),
          ).rejects.toThrow();
        },
        { timeout: 20_000, interval: 200 },
      );
    });

    it("stops the preview of a stack", async () => {
      const { error, text: said } = await stack.preview(program("10Gi"));
      expect(error).toBeDefined();
      // The engine stops at the first that is refused.
      expect(
        kinds.some(({ says }) => said.includes(says)),
        said,
      ).toBe(true);
    });

    it.each(kinds)("$kind: smaller is refused with the reason, larger and the same are not", async (each) => {
      const { group, plural, spec, says } = each;
      await expect(patch(group, plural, spec("10Gi"))).rejects.toThrow(says);
      await expect(patch(group, plural, spec("10Gi"), "?dryRun=All")).rejects.toThrow("storage can only grow");
      // The same size, written otherwise.
      await patch(group, plural, spec("20480Mi"));
      await patch(group, plural, spec("20Gi"));
      await patch(group, plural, spec("30Gi"), "?dryRun=All");
      // Another field of it.
      await patch(group, plural, { replicas: 7 });
    });
  });
});
