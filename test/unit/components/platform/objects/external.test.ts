import { describe, expect, it } from "vitest";
import { ExternalObjects } from "../../../../../components/platform/objects";
import { at, record } from "../../recorder";
import { consumer, fakeSecrets, namespaces } from "./capabilities";

function create(secrets = fakeSecrets().secrets, endpoint = "https://fsn1.your-objectstorage.com"): ExternalObjects {
  return new ExternalObjects("objects", {
    namespaces: namespaces(),
    secrets,
    endpoint,
    region: "fsn1",
    bucketPrefix: "demo",
  });
}

describe("ExternalObjects", () => {
  it("gives the keys that a person has brought, under a prefixed bucket", async () => {
    const { secrets, asked } = fakeSecrets();
    let handle: Partial<ReturnType<ExternalObjects["bucket"]>> = {};
    await record(() => {
      handle = create(secrets).bucket("loki", { consumer: consumer() });
    });
    expect(handle).toMatchObject({
      bucket: "demo-loki",
      endpoint: "https://fsn1.your-objectstorage.com",
      region: "fsn1",
      secretName: "bucket-loki",
      secretNamespace: "observability",
    });
    expect(handle.provider).toBeUndefined();
    expect(asked.map(({ namespace }) => namespace)).toEqual(["observability", "storage"]);
    for (const { keys, plain, secretName } of asked) {
      expect(secretName).toBe("bucket-loki");
      expect(keys).toEqual({
        AWS_ACCESS_KEY_ID: "objects-access-key",
        AWS_SECRET_ACCESS_KEY: "objects-secret-key",
      });
      expect(plain).toEqual({
        AWS_DEFAULT_REGION: "fsn1",
        AWS_ENDPOINT_URL: "https://fsn1.your-objectstorage.com",
        BUCKET: "demo-loki",
      });
    }
  });

  it("gives the keys other names too, where software asks for its own", async () => {
    const { secrets, asked } = fakeSecrets();
    await record(() => {
      create(secrets).bucket("loki", { consumer: consumer(), aliases: { accesskey: "AWS_ACCESS_KEY_ID" } });
    });
    expect(asked[0]?.keys).toEqual({
      AWS_ACCESS_KEY_ID: "objects-access-key",
      AWS_SECRET_ACCESS_KEY: "objects-secret-key",
      accesskey: "objects-access-key",
    });
  });

  it("makes the bucket by a Job with those keys, and no user", async () => {
    const made = await record(() => create().bucket("loki", { consumer: consumer() }));
    const script = String(
      at(made.one("Job", "bucket-loki").inputs, "spec", "template", "spec", "containers", 0, "command", 2),
    );
    expect(script).toContain("mcli mb --ignore-existing");
    expect(script).not.toContain("mcli admin");
  });

  it.each([
    ["https://fsn1.your-objectstorage.com", "443"],
    ["https://s3.example.com:9443", "9443"],
  ])("opens the way out to %s, once for the same pods", async (endpoint, port) => {
    const made = await record(() => {
      const objects = create(fakeSecrets().secrets, endpoint);
      const loki = consumer();
      objects.bucket("chunks", { consumer: loki });
      objects.bucket("ruler", { consumer: loki });
    });
    const paths = made.kind("CiliumNetworkPolicy");
    expect(paths.map(({ inputs }) => at(inputs, "metadata", "name")).sort()).toEqual([
      "bucket-jobs-to-objects",
      "loki-to-objects",
    ]);
    for (const { inputs } of paths) {
      expect(at(inputs, "spec", "egress", 0)).toEqual({
        toEntities: ["world"],
        toPorts: [{ ports: [{ port, protocol: "TCP" }] }],
      });
    }
  });

  it("selects the Jobs of all buckets", async () => {
    const made = await record(() => create().declare("images", {}));
    const path = made.one("CiliumNetworkPolicy", "bucket-jobs-to-objects");
    const labels = at(made.one("Job", "bucket-images").inputs, "spec", "template", "metadata", "labels");
    expect(labels).toMatchObject(at(path.inputs, "spec", "endpointSelector", "matchLabels") as object);
  });

  it("refuses a name twice", async () => {
    let problem: unknown;
    await record(() => {
      const objects = create();
      objects.declare("images", {});
      try {
        objects.declare("images", {});
      } catch (error) {
        problem = error;
      }
    });
    expect(String(problem)).toMatch(/it was asked for before/);
  });
});
