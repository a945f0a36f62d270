import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Qdrant, type QdrantArgs } from "../../../../../components/data/qdrant";
import { accessToken } from "../../../../../components/data/qdrant/token";
import { DomainNamespace, Namespaces } from "../../../../../components/kit/namespace";
import { Service } from "../../../../../components/kit/service";
import { resources } from "../../../../../components/kit/sizes";
import { Minio } from "../../../../../components/platform/objects";
import { fakeCertificates } from "../../platform/objects/capabilities";
import { at, type Recorder, record } from "../../recorder";

function create(replicas?: number, more: Partial<QdrantArgs> = {}): Qdrant {
  return new Qdrant("qdrant", {
    namespaces: new Namespaces({ environment: "dev" }, {}),
    replicas,
    storageGiB: 10,
    storageClass: "hcloud",
    ...more,
  });
}

function container(made: Recorder) {
  return at(made.one("StatefulSet", "qdrant").inputs, "spec", "template", "spec", "containers", 0);
}

function environment(made: Recorder): Record<string, unknown> {
  const list = at(container(made), "env") as { name: string; value?: string; valueFrom?: unknown }[];
  return Object.fromEntries(list.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
}

describe("Qdrant", () => {
  it("has a key of its own, which the pod takes from a Secret", async () => {
    const made = await record(() => create());
    const secret = made.one("Secret", "qdrant-api-key");
    expect(secret.inputs["stringData"]).toEqual({
      "api-key": "made-up-qdrant-api-key-api-key",
      "read-only-api-key": "made-up-qdrant-api-key-read-only-api-key",
    });
    expect(secret.secrets).toContain("stringData");
    expect(environment(made)["QDRANT__SERVICE__API_KEY"]).toEqual({
      secretKeyRef: { name: "qdrant-api-key", key: "api-key" },
    });
    expect(made.component("orrery:kit:Service", "qdrant").dependencies).toContain(secret.urn);
    expect(JSON.stringify(made.one("StatefulSet", "qdrant").inputs)).not.toContain("made-up-qdrant-api-key-api-key");
  });

  it("writes only where it is allowed to: every path that it is told is on a volume", async () => {
    const made = await record(() => create());
    const mounts = (at(container(made), "volumeMounts") as { mountPath: string }[]).map(({ mountPath }) => mountPath);
    const settings = environment(made);
    expect(at(container(made), "securityContext", "readOnlyRootFilesystem")).toBe(true);
    for (const path of [
      settings["QDRANT__STORAGE__STORAGE_PATH"],
      settings["QDRANT__STORAGE__SNAPSHOTS_PATH"],
      settings["QDRANT_INIT_FILE_PATH"],
    ]) {
      expect(mounts.some((mount) => path === mount || String(path).startsWith(`${mount}/`))).toBe(true);
    }
  });

  it("keeps data and snapshots on one volume of the class", async () => {
    const made = await record(() => create());
    const claims = at(made.one("StatefulSet", "qdrant").inputs, "spec", "volumeClaimTemplates") as unknown[];
    expect(claims).toHaveLength(1);
    expect(at(claims[0], "spec")).toMatchObject({
      storageClassName: "hcloud",
      resources: { requests: { storage: "10Gi" } },
    });
    expect(made.kind("PersistentVolumeClaim").map(({ inputs }) => inputs["spec"])).toEqual([at(claims[0], "spec")]);
  });

  it("asks for its health where no key is needed", async () => {
    const made = await record(() => create());
    expect(at(container(made), "readinessProbe", "httpGet")).toEqual({ path: "/readyz", port: "http" });
    expect(at(container(made), "livenessProbe", "httpGet")).toEqual({ path: "/livez", port: "http" });
  });

  it("alone: no cluster, no budget, no peers", async () => {
    const made = await record(() => create());
    expect(environment(made)["QDRANT__CLUSTER__ENABLED"]).toBe("false");
    expect(container(made)).not.toHaveProperty("command");
    expect(made.kind("PodDisruptionBudget")).toEqual([]);
    expect(made.kind("NetworkPolicy").filter(({ name }) => name.endsWith("peers"))).toEqual([]);
  });

  it("several: the first starts the cluster, the others join it at its headless name", async () => {
    const made = await record(() => create(3));
    expect(environment(made)["QDRANT__CLUSTER__ENABLED"]).toBe("true");
    const script = String(at(container(made), "command", 2));
    expect(script).toContain('if [ "$HOSTNAME" = "qdrant-0" ]; then exec ./entrypoint.sh --uri "$self"; fi');
    expect(script).toContain('--bootstrap "http://qdrant-0.qdrant-headless.vec.svc:6335"');
    expect(script).toContain('self="http://$HOSTNAME.qdrant-headless.vec.svc:6335"');
    expect(at(made.one("NetworkPolicy", "qdrant-peers").inputs, "spec", "ingress", 0, "ports")).toEqual([
      { port: 6335, protocol: "TCP" },
    ]);
    expect(made.kind("PodDisruptionBudget")).toHaveLength(1);
  });

  it("speaks TLS everywhere where there are certificates: to clients, between members, and with the kubelet", async () => {
    const { certificates, asked } = fakeCertificates();
    let tls: unknown;
    const made = await record(() => {
      tls = create(3, { certificates }).backend.tls;
    });
    expect(asked[0]?.dnsNames).toEqual(expect.arrayContaining(["qdrant.vec.svc", "*.qdrant-headless.vec.svc"]));
    expect(environment(made)).toMatchObject({
      QDRANT__SERVICE__ENABLE_TLS: "true",
      QDRANT__CLUSTER__P2P__ENABLE_TLS: "true",
      QDRANT__TLS__CERT: "/certs/tls.crt",
      QDRANT__TLS__CA_CERT: "/certs/ca.crt",
    });
    expect(String(at(container(made), "command", 2))).toContain('--bootstrap "https://qdrant-0.');
    expect(at(container(made), "readinessProbe", "httpGet", "scheme")).toBe("HTTPS");
    expect(tls).toMatchObject({ hostname: "qdrant.vec.svc", caConfigMap: "internal-ca", portName: "http" });
  });

  it("keeps as many copies as there are members for, and asks a majority before a write counts", async () => {
    expect(environment(await record(() => create(3)))).toMatchObject({
      QDRANT__STORAGE__COLLECTION__REPLICATION_FACTOR: "3",
      QDRANT__STORAGE__COLLECTION__WRITE_CONSISTENCY_FACTOR: "2",
    });
    expect(environment(await record(() => create()))).not.toHaveProperty(
      "QDRANT__STORAGE__COLLECTION__REPLICATION_FACTOR",
    );
  });

  it("puts snapshots into a bucket, of every member, and forgets them", async () => {
    const made = await record(() => {
      const namespaces = new Namespaces({ environment: "dev" }, {});
      const objects = new Minio("minio", { namespaces, storageGiB: 20, storageClass: "hcloud" });
      create(3, {
        namespaces,
        backup: { objects, bucket: "qdrant-backup", schedule: "0 2 * * *", retentionDays: 9 },
      });
    });
    expect(environment(made)).toMatchObject({
      QDRANT__STORAGE__SNAPSHOTS_CONFIG__SNAPSHOTS_STORAGE: "s3",
      QDRANT__STORAGE__SNAPSHOTS_CONFIG__S3_CONFIG__BUCKET: "qdrant-backup",
      QDRANT__STORAGE__SNAPSHOTS_CONFIG__S3_CONFIG__SECRET_KEY: {
        secretKeyRef: { name: "bucket-qdrant-backup", key: "AWS_SECRET_ACCESS_KEY" },
      },
    });
    const job = made.one("CronJob", "qdrant-snapshots");
    const pod = at(job.inputs, "spec", "jobTemplate", "spec", "template", "spec", "containers", 0);
    const members = (at(pod, "env") as { name: string; value?: string }[]).find(({ name }) => name === "MEMBERS");
    expect(members?.value?.split(" ")).toHaveLength(3);
    expect(JSON.stringify(job.inputs)).not.toContain("made-up");
    expect(JSON.stringify(made.one("Job", "bucket-qdrant-backup").inputs)).toContain('\\"Days\\":9');
    const template = at(made.one("StatefulSet", "qdrant").inputs, "spec", "template", "metadata");
    expect(at(template, "labels", "orrery.dev/backup")).toBe("native");
  });

  it("registers where it is and which Secret has the key", async () => {
    const made = await record(() => create());
    expect(made.component("orrery:data:Qdrant", "qdrant").outputs).toEqual({
      host: "qdrant.vec.svc",
      port: 6333,
      secretName: "qdrant-api-key",
    });
  });
});

describe("collections()", () => {
  function consumer() {
    return new Service("web", {
      software: "web",
      component: "web",
      namespace: new DomainNamespace("db", { domain: "db", environment: "dev" }),
      image: "r.test/web:1.0",
      resources: resources(1, 1),
      probes: { ready: { tcp: "http" }, live: { tcp: "http" } },
      ports: [{ name: "http", port: 80 }],
    }).consumer();
  }

  it.each([
    ["http", 6333],
    ["grpc", 6334],
  ] as const)("gives the consumer its Secret and one path, by %s", async (protocol, port) => {
    const made = await record(() => create().collections("docs", { consumer: consumer(), protocol }));
    const secret = made.one("Secret", "qdrant-docs");
    expect(at(secret.inputs, "metadata", "namespace")).toBe("db");
    expect(secret.secrets).toContain("stringData");
    expect(secret.inputs["stringData"]).toEqual({
      host: "qdrant.vec.svc",
      port: String(port),
      url: `http://qdrant.vec.svc:${port}`,
      prefix: "docs",
      "api-key": "made-up-qdrant-api-key-api-key",
    });
    const paths = made.kind("NetworkPolicy").filter(({ name }) => name.startsWith("web-qdrant"));
    expect(paths).toHaveLength(2);
    for (const [index, direction] of ["egress", "ingress"].entries()) {
      expect(at(paths[index]?.inputs, "spec", direction, 0, "ports")).toEqual([{ port, protocol: "TCP" }]);
    }
  });

  it("refuses a prefix that cannot stand in a name", async () => {
    let problem: unknown;
    await record(() => {
      try {
        create().collections("My Docs", { consumer: consumer() });
      } catch (error) {
        problem = error;
      }
    });
    expect(String(problem)).toMatch(/Collection prefix "My Docs": allowed are a-z/);
  });
});

describe("tokens", () => {
  it("say what they open, and are signed with the API key", () => {
    const [header, payload, signature] = accessToken("key", [{ collection: "docs", access: "rw" }]).split(".");
    const decoded = [header, payload].map((part) => JSON.parse(Buffer.from(part!, "base64url").toString("utf8")));
    expect(decoded).toEqual([{ alg: "HS256", typ: "JWT" }, { access: [{ collection: "docs", access: "rw" }] }]);
    expect(signature).toBe(createHmac("sha256", "key").update(`${header}.${payload}`).digest("base64url"));
  });

  it.each([
    [{ names: ["docs-a"] }, [{ collection: "docs-a", access: "rw" }]],
    [{ names: ["docs-a"], readOnly: true }, [{ collection: "docs-a", access: "r" }]],
    [{ readOnly: true }, "r"],
  ])("a consumer of %j gets no API key, but what opens %j", async (options, access) => {
    const made = await record(() => create().collections("docs", options));
    const secret = made.one("Secret", "qdrant-docs");
    expect(secret.secrets).toContain("stringData");
    expect(at(secret.inputs, "stringData", "api-key")).toBe(
      accessToken("made-up-qdrant-api-key-api-key", access as never),
    );
  });

  it("without a consumer: beside the server, and no path", async () => {
    const made = await record(() => create().collections("docs"));
    expect(at(made.one("Secret", "qdrant-docs").inputs, "metadata", "namespace")).toBe("vec");
    expect(made.kind("NetworkPolicy").filter(({ name }) => name.includes("qdrant-http"))).toEqual([]);
  });
});
