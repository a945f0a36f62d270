import { describe, expect, it } from "vitest";
import { createEnvironment, testSettings } from "../components/environment";
import { at, type Recorder } from "../components/recorder";

const consumer = { namespace: "ai", app: "rag" } as const;

function create() {
  const services = {
    qdrant: {
      enabled: true,
      backup: { enabled: true },
      collections: [{ prefix: "docs", names: ["docs-a"], consumer }],
    },
    milvus: {
      enabled: true,
      backup: { enabled: true },
      collections: [{ prefix: "docs", consumer }, { prefix: "notes" }],
    },
  };
  const buckets = [{ name: "images", versioning: true, noncurrentDays: 3, quotaGiB: 5, consumer }];
  return createEnvironment(
    testSettings("dev", services, { certificates: { enabled: true }, objects: { kind: "minio", buckets } }),
  );
}

const namespacesOf = (made: Recorder, secret: string) =>
  made
    .kind("Secret")
    .filter(({ inputs }) => at(inputs, "metadata", "name") === secret)
    .map(({ inputs }) => at(inputs, "metadata", "namespace"))
    .sort();

describe("vector databases of the settings", () => {
  it("say where they are, and what was declared in them", async () => {
    const { outputs } = await create();
    expect(outputs["milvus"]).toEqual({
      host: "milvus-milvus.milvus.svc",
      port: 19530,
      secret: { namespace: "milvus", name: "milvus-root" },
      declared: {
        collections: {
          docs: { host: "milvus-milvus.milvus.svc", port: 19530, secret: { namespace: "ai", name: "milvus-docs" } },
          notes: {
            host: "milvus-milvus.milvus.svc",
            port: 19530,
            secret: { namespace: "milvus", name: "milvus-notes" },
          },
        },
      },
    });
    expect(outputs["qdrant"]?.declared?.["collections"]?.["docs"]?.secret).toEqual({
      namespace: "ai",
      name: "qdrant-docs",
    });
  });

  it("keep their snapshots in the store of the backups", async () => {
    const { made } = await create();
    expect(made.one("CronJob", "milvus-backup")).toBeDefined();
    expect(made.one("CronJob", "qdrant-snapshots")).toBeDefined();
    expect(made.kind("Job").map(({ name }) => name)).toEqual(
      expect.arrayContaining(["bucket-milvus", "bucket-milvus-backup", "bucket-qdrant-backup", "bucket-images"]),
    );
  });

  it("speak TLS of the environment's own authority", async () => {
    const { made } = await create();
    const asked = made.kind("Certificate").map(({ name }) => name);
    expect(asked).toEqual(expect.arrayContaining(["milvus", "milvus-etcd", "qdrant", "minio"]));
  });
});

describe("a bucket of the settings with a consumer", () => {
  it("has its Secret beside the consumer, its rules, and one path", async () => {
    const { made } = await create();
    expect(namespacesOf(made, "bucket-images")).toEqual(["ai", "storage"]);
    const variables = at(made.one("Job", "bucket-images").inputs, "spec", "template", "spec", "containers", 0, "env");
    expect(variables).toEqual(
      expect.arrayContaining([
        { name: "QUOTA", value: "5GiB" },
        { name: "LIFECYCLE", value: expect.stringContaining('"NoncurrentDays":3') },
      ]),
    );
    const paths = made.kind("NetworkPolicy").map(({ inputs }) => at(inputs, "metadata", "name"));
    expect(paths.filter((name) => String(name).startsWith("rag-to-minio"))).toEqual([
      "rag-to-minio-s3-egress",
      "rag-to-minio-s3-ingress",
    ]);
  });
});
