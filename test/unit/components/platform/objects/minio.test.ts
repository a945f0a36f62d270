import { describe, expect, it } from "vitest";
import { Minio } from "../../../../../components/platform/objects";
import { at, type Recorder, record } from "../../recorder";
import { consumer, fakeCertificates, namespaces } from "./capabilities";

type Args = ConstructorParameters<typeof Minio>[1];

function create(more: Partial<Args> = {}): Minio {
  return new Minio("minio", { namespaces: namespaces(), storageGiB: 20, storageClass: "hcloud", ...more });
}

const container = (made: Recorder) =>
  at(made.one("StatefulSet", "minio").inputs, "spec", "template", "spec", "containers", 0);
const command = (made: Recorder) => at(container(made), "command") as string[];
const environment = (made: Recorder) =>
  Object.fromEntries(
    (at(container(made), "env") as { name: string; value?: string; valueFrom?: unknown }[]).map((each) => [
      each.name,
      each.value ?? each.valueFrom,
    ]),
  );

describe("Minio", () => {
  it("alone: one drive, plain HTTP, no erasure set", async () => {
    const made = await record(() => create());
    expect(command(made).at(-1)).toBe("/drives/0");
    expect(command(made)).not.toContain("--certs-dir");
    expect(environment(made)).not.toHaveProperty("MINIO_STORAGE_CLASS_STANDARD");
    expect(made.kind("NetworkPolicy").map(({ name }) => name)).not.toContain("minio-peers");
    expect(at(container(made), "readinessProbe", "httpGet")).toEqual({ path: "/minio/health/ready", port: "s3" });
  });

  it("several: one pool of all servers and drives, whose parity is said", async () => {
    const made = await record(() => create({ replicas: 3, drives: 2 }));
    expect(command(made).at(-1)).toBe("http://minio-{0...2}.minio-headless.storage.svc:9000/drives/{0...1}");
    expect(environment(made)["MINIO_STORAGE_CLASS_STANDARD"]).toBe("EC:3");
    expect(at(made.one("StatefulSet", "minio").inputs, "spec", "volumeClaimTemplates")).toHaveLength(2);
    expect(at(made.one("NetworkPolicy", "minio-peers").inputs, "spec", "egress", 0, "ports")).toEqual([
      { port: 9000, protocol: "TCP" },
    ]);
  });

  it("opens the servers' paths before the servers start", async () => {
    const made = await record(() => create({ replicas: 3 }));
    const names = made.resources.map(({ name, type }) => `${type.split(":").at(-1)} ${name}`);
    expect(names.indexOf("NetworkPolicy minio-peers")).toBeLessThan(names.indexOf("StatefulSet minio"));
  });

  it("has a certificate for its Service and for each server, and speaks TLS only", async () => {
    const { certificates, asked } = fakeCertificates();
    let endpoint = "";
    const made = await record(() => {
      endpoint = create({ certificates, replicas: 4 }).endpoint;
    });
    expect(endpoint).toBe("https://minio.storage.svc:9000");
    expect(asked[0]).toMatchObject({ name: "minio", namespace: "storage" });
    expect(asked[0]?.dnsNames).toContain("minio.storage.svc");
    expect(asked[0]?.dnsNames).toContain("*.minio-headless.storage.svc");
    expect(command(made).at(-1)).toMatch(/^https:/);
    expect(at(container(made), "livenessProbe", "httpGet", "scheme")).toBe("HTTPS");
    const volumes = at(made.one("StatefulSet", "minio").inputs, "spec", "template", "spec", "volumes");
    expect(volumes).toContainEqual({
      name: "certificates",
      secret: {
        secretName: "minio-tls",
        items: [
          { path: "public.crt", key: "tls.crt" },
          { path: "private.key", key: "tls.key" },
          { path: "CAs/internal.crt", key: "ca.crt" },
        ],
      },
    });
  });

  it("has an administrator whose password is in no plain text", async () => {
    const made = await record(() => create());
    const secret = made.one("Secret", "minio-root");
    expect(secret.secrets).toContain("stringData");
    expect(environment(made)["MINIO_ROOT_PASSWORD"]).toEqual({ secretKeyRef: { name: "minio-root", key: "password" } });
    expect(JSON.stringify(made.one("StatefulSet", "minio").inputs)).not.toContain("made-up");
  });

  it("is not backed up by Velero: backups are kept in it", async () => {
    const made = await record(() => create());
    const template = at(made.one("StatefulSet", "minio").inputs, "spec", "template", "metadata");
    expect(at(template, "labels", "orrery.dev/backup")).toBe("none");
  });

  it("writes only on volumes", async () => {
    const made = await record(() => create());
    expect(at(container(made), "securityContext", "readOnlyRootFilesystem")).toBe(true);
    const mounts = (at(container(made), "volumeMounts") as { mountPath: string }[]).map(({ mountPath }) => mountPath);
    expect(mounts).toEqual(["/drives/0", "/tmp"]);
  });

  it("registers its endpoint", async () => {
    const made = await record(() => create());
    expect(made.component("orrery:platform:Minio", "minio").outputs).toEqual({
      endpoint: "http://minio.storage.svc:9000",
    });
  });
});

describe("bucket()", () => {
  it("gives the consumer its keys, and the store the same ones", async () => {
    const made = await record(() => create().bucket("loki", { consumer: consumer() }));
    const secrets = made.kind("Secret").filter(({ inputs }) => at(inputs, "metadata", "name") === "bucket-loki");
    expect(secrets.map(({ inputs }) => at(inputs, "metadata", "namespace")).sort()).toEqual([
      "observability",
      "storage",
    ]);
    for (const { inputs, secrets: marked } of secrets) {
      expect(marked).toContain("stringData");
      expect(inputs["stringData"]).toEqual({
        AWS_ACCESS_KEY_ID: "loki",
        AWS_SECRET_ACCESS_KEY: "made-up-minio-loki",
        AWS_DEFAULT_REGION: "us-east-1",
        AWS_ENDPOINT_URL: "http://minio.storage.svc:9000",
        BUCKET: "loki",
      });
    }
  });

  it("gives the keys other names too, where software asks for its own", async () => {
    const made = await record(() =>
      create().bucket("loki", { consumer: consumer(), aliases: { secretkey: "AWS_SECRET_ACCESS_KEY" } }),
    );
    const secret = made.kind("Secret").find(({ inputs }) => at(inputs, "metadata", "namespace") === "observability");
    expect(at(secret?.inputs, "stringData", "secretkey")).toBe("made-up-minio-loki");
    expect(JSON.stringify(made.one("Job", "bucket-loki").inputs)).not.toContain("aliases");
  });

  it("opens one path, from the consumer to the store's port", async () => {
    const made = await record(() => create().bucket("loki", { consumer: consumer() }));
    const paths = made.kind("NetworkPolicy").filter(({ name }) => name.startsWith("minio-loki"));
    expect(paths.map(({ inputs }) => at(inputs, "metadata", "namespace"))).toEqual(["observability", "storage"]);
    expect(at(paths[1]?.inputs, "spec", "ingress", 0, "ports")).toEqual([{ port: 9000, protocol: "TCP" }]);
  });

  it("makes it by a Job without a ttl, after the store and its keys", async () => {
    const made = await record(() => create().bucket("loki", { consumer: consumer(), expireDays: 30 }));
    const job = made.one("Job", "bucket-loki");
    expect(at(job.inputs, "metadata", "namespace")).toBe("storage");
    expect(at(job.inputs, "spec")).not.toHaveProperty("ttlSecondsAfterFinished");
    expect(JSON.stringify(job.inputs)).not.toContain("made-up");
    const component = made.component("orrery:kit:Service", "bucket-loki");
    const beside = made
      .kind("Secret")
      .find(
        ({ inputs }) =>
          at(inputs, "metadata", "name") === "bucket-loki" && at(inputs, "metadata", "namespace") === "storage",
      );
    expect(component.dependencies).toContain(beside?.urn);
    expect(made.component("orrery:platform:Bucket", "minio-loki").dependencies).toContain(
      made.one("StatefulSet", "minio").urn,
    );
  });

  it("lets all buckets' Jobs reach the store by one path", async () => {
    const made = await record(() => {
      const minio = create();
      minio.bucket("loki", { consumer: consumer() });
      minio.declare("images", {});
    });
    const paths = made.kind("NetworkPolicy").filter(({ name }) => name.startsWith("minio-bucket-jobs"));
    expect(paths).toHaveLength(2);
    const selector = at(paths[0]?.inputs, "spec", "podSelector", "matchLabels") as Record<string, string>;
    for (const bucket of ["loki", "images"]) {
      const pod = at(made.one("Job", `bucket-${bucket}`).inputs, "spec", "template", "metadata", "labels");
      expect(pod).toMatchObject(selector);
    }
  });

  it("hands on the authority's certificate where the store speaks TLS", async () => {
    const { certificates, trusted } = fakeCertificates();
    let handle: { caConfigMap?: string } = {};
    await record(() => {
      handle = create({ certificates }).bucket("loki", { consumer: consumer() });
    });
    expect(handle.caConfigMap).toBe("internal-ca");
    expect(trusted).toContain("observability");
    expect(trusted).toContain("storage");
  });

  it("declared: one Secret beside the store, and no path", async () => {
    const made = await record(() => create().declare("images", { versioning: true }));
    expect(made.kind("Secret").filter(({ inputs }) => at(inputs, "metadata", "name") === "bucket-images")).toHaveLength(
      1,
    );
    expect(made.kind("NetworkPolicy").filter(({ name }) => name.startsWith("minio-images"))).toEqual([]);
  });

  it("refuses a name that S3 refuses, and one that is taken", async () => {
    const problems: string[] = [];
    await record(() => {
      const minio = create();
      minio.declare("images", {});
      for (const name of ["images", "No_Good"]) {
        try {
          minio.declare(name, {});
        } catch (error) {
          problems.push(String(error));
        }
      }
    });
    expect(problems[0]).toMatch(/"images": it was asked for before/);
    expect(problems[1]).toMatch(/"No_Good": S3 allows lower-case/);
  });
});
