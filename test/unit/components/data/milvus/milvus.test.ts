import { describe, expect, it } from "vitest";
import { Milvus } from "../../../../../components/data/milvus";
import { collectionsJob } from "../../../../../components/data/milvus/collections-job";
import { prefixProblem } from "../../../../../components/data/milvus/names";
import { Minio } from "../../../../../components/platform/objects";
import { consumer, fakeCertificates, namespaces } from "../../platform/objects/capabilities";
import { at, type Recorder, record } from "../../recorder";

interface Options {
  readonly replicas?: number;
  readonly tls?: boolean;
  readonly backup?: boolean;
  readonly use?: (milvus: Milvus) => void;
}

function make({ replicas = 1, tls = false, backup = false, use }: Options = {}): Promise<Recorder> {
  const { certificates } = fakeCertificates();
  return record(() => {
    const spaces = namespaces(replicas > 1 ? "prod" : "dev");
    const shared = { namespaces: spaces, ...(tls ? { certificates } : {}) };
    const objects = new Minio("minio", { ...shared, storageGiB: 20, storageClass: "hcloud" });
    const milvus = new Milvus("milvus", {
      ...shared,
      charts: {},
      objects,
      bucket: "milvus",
      replicas,
      etcd: { replicas: replicas > 1 ? 3 : 1, storageGiB: 10, storageClass: "hcloud" },
      ...(backup ? { backup: { objects, bucket: "milvus-backup", schedule: "0 2 * * *", retentionDays: 14 } } : {}),
    });
    use?.(milvus);
  });
}

const spec = (made: Recorder) => made.one("Milvus", "milvus").inputs["spec"];
const etcdEnvironment = (made: Recorder) =>
  Object.fromEntries(
    (
      at(made.one("StatefulSet", "milvus-etcd").inputs, "spec", "template", "spec", "containers", 0, "env") as {
        name: string;
        value?: string;
      }[]
    ).map(({ name, value }) => [name, value]),
  );
const paths = (made: Recorder) =>
  made.kind("NetworkPolicy").map(({ inputs }) => String(at(inputs, "metadata", "name")));

describe("Milvus", () => {
  it("brings nothing of its own but its pods: bucket, etcd and log are there", async () => {
    const made = await make();
    expect(at(spec(made), "mode")).toBe("standalone");
    expect(at(spec(made), "dependencies")).toEqual({
      etcd: { external: true, endpoints: ["milvus-etcd-0.milvus-etcd-headless.milvus.svc:2379"] },
      msgStreamType: "woodpecker",
      storage: {
        external: true,
        type: "S3",
        endpoint: "minio.storage.svc:9000",
        secretRef: "bucket-milvus",
      },
    });
    expect(at(spec(made), "config", "minio", "bucketName")).toBe("milvus");
  });

  it("waits until the operator says that it is healthy, after everything that it needs", async () => {
    const made = await make();
    const milvus = made.one("Milvus", "milvus");
    expect(at(milvus.inputs, "metadata", "annotations", "pulumi.com/waitFor")).toBe(
      "jsonpath={.status.status}=Healthy",
    );
    const needed = milvus.dependencies.map((urn) => urn.split("::").at(-1));
    expect(needed).toEqual(expect.arrayContaining(["milvus-operator", "milvus-etcd", "milvus-root", "milvus"]));
  });

  it("keeps the store's keys out of the file that the operator writes, and the well-known password out of Milvus", async () => {
    const made = await make();
    expect(at(spec(made), "config", "minio")).toMatchObject({ accessKeyID: "", secretAccessKey: "" });
    expect(at(spec(made), "config", "common", "security", "authorizationEnabled")).toBe(true);
    expect(at(spec(made), "components", "env")).toContainEqual({
      name: "COMMON_SECURITY_DEFAULTROOTPASSWORD",
      valueFrom: { secretKeyRef: { name: "milvus-root", key: "root-password" } },
    });
    expect(JSON.stringify(spec(made))).not.toContain("made-up");
    const secret = made
      .kind("Secret")
      .find(
        ({ inputs }) =>
          at(inputs, "metadata", "name") === "bucket-milvus" && at(inputs, "metadata", "namespace") === "milvus",
      );
    expect(at(secret?.inputs, "stringData")).toMatchObject({ accesskey: "milvus", secretkey: "made-up-minio-milvus" });
  });

  it("speaks TLS to clients, etcd and the store where there are certificates", async () => {
    const made = await make({ tls: true });
    const authority = "/certs/ca.crt";
    expect(at(spec(made), "config", "common", "security", "tlsMode")).toBe(1);
    expect(at(spec(made), "config", "etcd", "ssl")).toMatchObject({ enabled: true, tlsCACert: authority });
    expect(at(spec(made), "config", "minio")).toMatchObject({ useSSL: true, ssl: { tlsCACert: authority } });
    expect(at(spec(made), "dependencies", "storage", "ssl")).toEqual({ enabled: true, caCertificateRef: "milvus-tls" });
    expect(at(spec(made), "components", "volumes")).toEqual([
      { name: "certificates", secret: { secretName: "milvus-tls" } },
    ]);
    expect(at(spec(made), "components", "env")).toContainEqual({ name: "SSL_CERT_FILE", value: authority });
  });

  it("several: a cluster of parts that are apart, with a standby coordinator and a budget each", async () => {
    const made = await make({ replicas: 2 });
    expect(at(spec(made), "mode")).toBe("cluster");
    for (const part of ["proxy", "mixCoord", "queryNode", "dataNode", "streamingNode"]) {
      expect(at(spec(made), "components", part, "replicas")).toBe(2);
      expect(at(spec(made), "components", part, "topologySpreadConstraints", 0)).toMatchObject({
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: { "app.kubernetes.io/component": part.toLowerCase() } },
      });
      expect(at(made.one("PodDisruptionBudget", `milvus-${part.toLowerCase()}`).inputs, "spec", "maxUnavailable")).toBe(
        1,
      );
    }
    for (const coordinator of ["mixCoord", "rootCoord", "queryCoord", "indexCoord", "dataCoord"]) {
      expect(at(spec(made), "config", coordinator, "enableActiveStandby")).toBe(true);
    }
    expect(paths(made)).toContain("milvus-peers");
  });

  it("alone: no budget, no standby, and no way between parts", async () => {
    const made = await make();
    expect(made.kind("PodDisruptionBudget")).toEqual([]);
    expect(JSON.stringify(at(spec(made), "config"))).not.toContain("enableActiveStandby");
    expect(paths(made)).not.toContain("milvus-peers");
  });

  it("opens what Milvus and its operator need, and nothing else", async () => {
    const made = await make();
    const own = paths(made).filter((name) => name.includes("milvus"));
    expect(own.filter((name) => name.endsWith("-egress")).sort()).toEqual([
      "milvus-collections-to-milvus-http-egress",
      "milvus-etcd-defrag-to-milvus-etcd-client-egress",
      "milvus-operator-to-milvus-etcd-client-egress",
      "milvus-operator-to-minio-s3-egress",
      "milvus-to-milvus-etcd-client-egress",
      "milvus-to-minio-s3-egress",
    ]);
  });

  it("runs as nobody in particular, without a token, and says where its metrics are", async () => {
    const made = await make();
    expect(made.one("ServiceAccount", "milvus").inputs["automountServiceAccountToken"]).toBe(false);
    expect(at(spec(made), "components")).toMatchObject({
      serviceAccountName: "milvus",
      runAsNonRoot: true,
      disableMetric: true,
      podLabels: { "orrery.dev/metrics-port": "metrics", "orrery.dev/domain": "milvus" },
      securityContext: { capabilities: { drop: ["ALL"] }, seccompProfile: { type: "RuntimeDefault" } },
    });
    // They are selectors, and the operator's.
    expect(at(spec(made), "components", "podLabels")).not.toHaveProperty(["app.kubernetes.io/name"]);
  });

  it("registers where it is", async () => {
    const made = await make();
    expect(made.component("orrery:data:Milvus", "milvus").outputs).toEqual({
      host: "milvus-milvus.milvus.svc",
      port: 19530,
    });
  });
});

describe("its etcd", () => {
  it("has three members that vote over TLS, and whose peers show each other certificates", async () => {
    const made = await make({ replicas: 2, tls: true });
    const set = made.one("StatefulSet", "milvus-etcd");
    expect(at(set.inputs, "spec", "replicas")).toBe(3);
    const environment = etcdEnvironment(made);
    expect(environment["ETCD_INITIAL_CLUSTER"]?.split(",")).toHaveLength(3);
    expect(environment["ETCD_INITIAL_CLUSTER"]).toContain(
      "milvus-etcd-2=https://milvus-etcd-2.milvus-etcd-headless.milvus.svc:2380",
    );
    expect(environment).toMatchObject({ ETCD_CERT_FILE: "/certs/tls.crt", ETCD_PEER_CLIENT_CERT_AUTH: "true" });
    // It would look up the names in Milvus's certificate, and find the Service's address and not the pod's.
    expect(environment).not.toHaveProperty("ETCD_CLIENT_CERT_AUTH");
    expect(environment).not.toHaveProperty("ETCD_TRUSTED_CA_FILE");
    expect(made.one("PodDisruptionBudget", "milvus-etcd")).toBeDefined();
    expect(made.one("NetworkPolicy", "milvus-etcd-peers")).toBeDefined();
  });

  it("leaves half of its volume free, and takes no more than etcd bears", async () => {
    expect(etcdEnvironment(await make())["ETCD_QUOTA_BACKEND_BYTES"]).toBe(String(5 * 1024 ** 3));
  });

  it("is not backed up unless that is asked for; then whole snapshots go to a bucket that forgets them", async () => {
    const without = await make();
    const template = (made: Recorder) =>
      at(made.one("StatefulSet", "milvus-etcd").inputs, "spec", "template", "metadata");
    expect(at(template(without), "labels", "orrery.dev/backup")).toBe("none");
    expect(at(spec(without), "config", "dataCoord", "gc", "dropTolerance")).toBe(3 * 3600);
    const made = await make({ backup: true, tls: true });
    expect(at(template(made), "labels", "orrery.dev/backup")).toBe("native");
    const job = at(made.one("CronJob", "milvus-backup").inputs, "spec", "jobTemplate", "spec", "template", "spec");
    expect(at(job, "initContainers", 0, "command")).toEqual([
      "/usr/local/bin/etcdctl",
      "snapshot",
      "save",
      "/backup/snapshot.db",
    ]);
    // Of one member: etcdctl refuses several.
    expect(at(job, "initContainers", 0, "env")).toContainEqual({
      name: "ETCDCTL_ENDPOINTS",
      value: "milvus-etcd.milvus.svc:2379",
    });
    expect(String(at(job, "containers", 0, "command", 2))).toContain(
      'mcli cp /backup/snapshot.db "store/$BUCKET/etcd/',
    );
    // The API server drops a false, and each run would find a change.
    expect(JSON.stringify(job)).not.toContain('"readOnly":false');
    // What a snapshot points to is still in the bucket.
    expect(at(spec(made), "config", "dataCoord", "gc", "dropTolerance")).toBe(48 * 3600);
    expect(
      at(made.one("Job", "bucket-milvus-backup").inputs, "spec", "template", "spec", "containers", 0, "env"),
    ).toContainEqual(expect.objectContaining({ name: "LIFECYCLE", value: expect.stringContaining('"Days":14') }));
  });
});

describe("collections()", () => {
  it.each([
    ["grpc", 19530],
    ["http", 8080],
  ] as const)("gives the consumer a Secret and one path, by %s", async (protocol, port) => {
    const made = await make({
      tls: true,
      use: (milvus) => milvus.collections("docs-own", { consumer: consumer("rag"), protocol }),
    });
    const secrets = made.kind("Secret").filter(({ inputs }) => at(inputs, "metadata", "name") === "milvus-docs-own");
    expect(secrets.map(({ inputs }) => at(inputs, "metadata", "namespace")).sort()).toEqual([
      "milvus",
      "observability",
    ]);
    for (const { inputs, secrets: marked } of secrets) {
      expect(marked).toContain("stringData");
      expect(inputs["stringData"]).toEqual({
        host: "milvus-milvus.milvus.svc",
        port: String(port),
        uri: `https://milvus-milvus.milvus.svc:${port}`,
        username: "docs_own",
        password: "made-up-milvus-docs-own",
        token: "docs_own:made-up-milvus-docs-own",
        database: "docs_own",
        prefix: "docs-own",
      });
    }
    const mine = made.kind("NetworkPolicy").filter(({ name }) => name.startsWith("milvus-docs-own"));
    expect(mine.map(({ inputs }) => at(inputs, "metadata", "namespace"))).toEqual(["observability", "milvus"]);
    expect(at(mine[1]?.inputs, "spec", "ingress", 0, "ports")).toEqual([{ port, protocol: "TCP" }]);
    expect(at(mine[1]?.inputs, "spec", "podSelector", "matchLabels", "milvus.io/service")).toBe("true");
  });

  it("without a consumer: the Secret is beside Milvus, and no path is opened", async () => {
    const made = await make({ use: (milvus) => milvus.collections("docs") });
    expect(at(made.one("Secret", "milvus-docs").inputs, "metadata", "namespace")).toBe("milvus");
    expect(made.kind("NetworkPolicy").filter(({ name }) => name.startsWith("milvus-docs"))).toEqual([]);
  });

  it("is made by a Job without a secret in plain text, after Milvus is healthy", async () => {
    const made = await make({ tls: true, use: (milvus) => milvus.collections("docs") });
    const job = made.one("Job", "milvus-docs-database");
    expect(JSON.stringify(job.inputs)).not.toContain("made-up");
    expect(made.component("orrery:data:MilvusCollections", "milvus-docs").dependencies).toContain(
      made.one("Milvus", "milvus").urn,
    );
    expect(at(job.inputs, "spec", "template", "spec", "containers", 0, "env")).toContainEqual({
      name: "CURL_CA_BUNDLE",
      value: "/etc/milvus-ca/ca.crt",
    });
  });

  it("refuses names that Milvus would", async () => {
    await expect(make({ use: (milvus) => milvus.collections("Docs") })).rejects.toThrow(
      /Collections "Docs".*Choose another prefix/,
    );
    expect(["docs", "a", "docs-2"].map(prefixProblem)).toEqual([undefined, undefined, undefined]);
    for (const bad of ["default", "root", "admin", "docs-", "-docs", "2docs", "dócs", "a".repeat(32)]) {
      expect(prefixProblem(bad)).toBeDefined();
    }
  });

  it("never has a password in the command of its Job", () => {
    const job = collectionsJob({ url: "https://m:8080", name: "docs", secretName: "s", rootSecret: "r" });
    expect(Object.values(job.environment ?? {})).toContainEqual({ secret: "r", key: "root-password" });
    const script = String(job.command?.[2]);
    expect(script).not.toMatch(/curl[^\n]*PASSWORD/);
    expect(script).toContain("--data-binary @-");
  });
});
