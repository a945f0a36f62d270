import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { definitionCheck } from "../../definitions";
import { at, type Recorder, record } from "../../recorder";
import { shared } from "../../shared";
import { Store, server, whole } from "./servers";

const folder = shared("crds", "ClickHouse installations against their CustomResourceDefinitions");

const chi = (made: Recorder) => made.one("ClickHouseInstallation", "clickhouse");
const chk = (made: Recorder) => made.one("ClickHouseKeeperInstallation", "clickhouse");
const cluster = (made: Recorder) => at(chi(made).inputs, "spec", "configuration", "clusters", 0);
const pod = (made: Recorder) => at(chi(made).inputs, "spec", "templates", "podTemplates", 0, "spec");
const container = (made: Recorder) => at(pod(made), "containers", 0);
const portsOf = (made: Recorder) =>
  (at(container(made), "ports") as { name: string; containerPort: number }[]).map(
    ({ name, containerPort }) => `${name} ${containerPort}`,
  );

describe("ClickHouse", () => {
  it("alone: no Keeper, no budget, plain text, local tables", async () => {
    const made = await record(() => server());
    expect(made.kind("ClickHouseKeeperInstallation")).toEqual([]);
    expect(cluster(made)).toMatchObject({ pdbManaged: "no", layout: { shardsCount: 1, replicasCount: 1 } });
    expect(at(chi(made).inputs, "spec", "configuration")).not.toHaveProperty("zookeeper");
    expect(portsOf(made)).toEqual(["tcp 9000", "http 8123", "interserver 9009", "metrics 9363"]);
    expect(made.component("orrery:data:ClickHouse", "clickhouse").outputs).toEqual({
      host: "clickhouse.db.svc",
      port: 9000,
    });
  });

  it("with copies: Keepers, a budget, TLS everywhere, no two servers on a node in prod", async () => {
    const made = await record(() => whole());
    expect(cluster(made)).toMatchObject({ pdbManaged: "yes", pdbMaxUnavailable: 1, secure: "yes", insecure: "no" });
    expect(at(chk(made).inputs, "spec", "configuration", "clusters", 0, "layout")).toEqual({ replicasCount: 3 });
    expect(portsOf(made)).toEqual(["secureclient 9440", "https 8443", "interserver 9009", "metrics 9363"]);
    const nodes = at(chi(made).inputs, "spec", "configuration", "zookeeper", "nodes") as { host: string }[];
    expect(nodes).toHaveLength(3);
    expect(nodes[2]).toEqual({ host: "chk-clickhouse-main-0-2.db.svc.cluster.local", port: 2281, secure: "yes" });
    for (const spec of [pod(made), at(chk(made).inputs, "spec", "templates", "podTemplates", 0, "spec")]) {
      expect(
        at(spec, "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution", 0, "topologyKey"),
      ).toBe("kubernetes.io/hostname");
      expect(at(spec, "automountServiceAccountToken")).toBe(false);
      expect(at(spec, "securityContext")).toMatchObject({ runAsNonRoot: true, runAsUser: 101 });
      expect(at(spec, "containers", 0, "securityContext")).toMatchObject({
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
    }
  });

  it("keeps its volumes when it goes, and lets the operator grow them", async () => {
    const made = await record(() => whole());
    for (const { inputs } of [chi(made), chk(made)]) {
      expect(at(inputs, "spec", "defaults", "storageManagement")).toEqual({
        provisioner: "Operator",
        reclaimPolicy: "Retain",
      });
    }
    expect(at(chi(made).inputs, "spec", "reconcile", "cleanup", "unknownObjects", "pvc")).toBe("Retain");
    expect(at(chi(made).inputs, "spec", "templates", "volumeClaimTemplates", 0, "spec")).toEqual({
      accessModes: ["ReadWriteOnce"],
      storageClassName: "hcloud",
      resources: { requests: { storage: "20Gi" } },
    });
  });

  it("waits for operator, passwords, certificate and bucket; servers wait for Keepers; all until they are done", async () => {
    const made = await record(() => whole());
    const keeper = chk(made);
    expect(chi(made).dependencies).toContain(keeper.urn);
    const before = [
      made.releases()[0]!.urn,
      made.one("Secret", "clickhouse-passwords").urn,
      made.component("test:index:Ready", "clickhouse-certificate").urn,
      made.component("test:index:Ready", "bucket-clickhouse-backup").urn,
    ];
    for (const urn of before) expect(keeper.dependencies).toContain(urn);
    for (const resource of [chi(made), keeper]) {
      expect(at(resource.inputs, "metadata", "annotations", "pulumi.com/waitFor")).toBe(
        "jsonpath={.status.status}=Completed",
      );
    }
  });

  it("asks for one certificate with every name by which servers and Keepers are called", async () => {
    const names: string[] = [];
    await record(() =>
      whole(new Store(), {
        certificates: {
          public: () => ({ secretName: "", namespace: "", ready: undefined as never }),
          internal: (_, { dnsNames }) => {
            names.push(...dnsNames);
            return { secretName: "tls", namespace: "db", ready: undefined as never };
          },
          trust: () => ({ configMap: "internal-ca", ready: undefined as never }),
        },
      }),
    );
    expect(names).toEqual([
      "clickhouse.db.svc",
      "clickhouse.db.svc.cluster.local",
      "chi-clickhouse-main-0-0.db.svc.cluster.local",
      "chi-clickhouse-main-0-1.db.svc.cluster.local",
      "chk-clickhouse-main-0-0.db.svc.cluster.local",
      "chk-clickhouse-main-0-1.db.svc.cluster.local",
      "chk-clickhouse-main-0-2.db.svc.cluster.local",
    ]);
  });

  it("shows no password: neither in a resource that is not a Secret, nor as plain text in the server's variables", async () => {
    const made = await record(() => whole());
    const secrets = made.kind("Secret");
    expect(secrets.every(({ secrets: paths }) => paths.includes("stringData"))).toBe(true);
    for (const { inputs, type } of made.resources) {
      if (type.includes("Secret") || type.includes("random")) continue;
      expect(JSON.stringify(inputs)).not.toContain("made-up-");
    }
    const hash = createHash("sha256").update("made-up-clickhouse-passwords-orrery").digest("hex");
    expect(at(made.one("Secret", "clickhouse-passwords").inputs, "stringData", "orrery-sha256")).toBe(hash);
  });

  it("has servers write the backups: their pods get bucket and keys", async () => {
    const store = new Store();
    const made = await record(() => whole(store));
    expect(store.asked).toMatchObject([
      {
        name: "clickhouse-backup",
        expireDays: 14,
        consumer: { pods: { labels: { "clickhouse.altinity.com/chi": "clickhouse" } } },
      },
    ]);
    const env = at(container(made), "env") as { name: string; valueFrom?: object }[];
    expect(env.find(({ name }) => name === "BACKUP_SECRET_ACCESS_KEY")?.valueFrom).toEqual({
      secretKeyRef: { name: "bucket-clickhouse-backup", key: "AWS_SECRET_ACCESS_KEY" },
    });
    const job = made.one("CronJob", "clickhouse-backup");
    expect(at(job.inputs, "spec", "schedule")).toBe("30 1 * * *");
    const text = JSON.stringify(at(job.inputs, "spec", "jobTemplate"));
    expect(text).toContain("BACKUP ALL ON CLUSTER '{cluster}' TO S3(backups, '$now')");
    expect(text).not.toContain("minio");
  });

  it("opens exactly the paths that are gone", async () => {
    const made = await record(() => whole());
    const paths = made
      .kind("NetworkPolicy")
      .map(({ inputs }) => inputs)
      .filter(
        (inputs) => at(inputs, "spec", "egress", 0, "to", 0, "podSelector", "matchLabels", "k8s-app") !== "kube-dns",
      )
      .flatMap((inputs) => {
        const rule = at(inputs, "spec", "egress", 0);
        const ports = at(rule, "ports") as { port: number }[] | undefined;
        return ports === undefined
          ? []
          : [`${String(at(inputs, "metadata", "name"))}: ${ports.map(({ port }) => port).join(", ")}`];
      });
    expect(paths.sort()).toEqual([
      "backup-jobs-to-clickhouse-secureclient-egress: 9440",
      "clickhouse-keeper-peers: 9444",
      "clickhouse-operator-chart-to-clickhouse-https-egress: 8443",
      "clickhouse-peers: 9440, 9009",
      "clickhouse-to-clickhouse-keeper-zk-secure-egress: 2281",
      "database-jobs-to-clickhouse-secureclient-egress: 9440",
    ]);
  });

  it.skipIf(folder === undefined)("meets the definitions, with no field that is not there", async () => {
    for (const made of [await record(() => server()), await record(() => whole())]) {
      for (const [kind, definition] of [
        ["ClickHouseInstallation", "clickhouseinstallations.clickhouse.altinity.com"],
        ["ClickHouseKeeperInstallation", "clickhousekeeperinstallations.clickhouse-keeper.altinity.com"],
      ] as const) {
        const check = definitionCheck(folder!, definition);
        for (const { inputs } of made.kind(kind)) {
          check(inputs);
          expect(check.errors ?? [], kind).toEqual([]);
        }
      }
    }
  });
});

describe("the operator", () => {
  it("has a password that was made up, and not the chart's", async () => {
    const made = await record(() => server());
    const values = made.releases()[0]!.inputs["values"];
    expect(values).toMatchObject({ secret: { create: false }, crdHook: { enabled: false }, rbac: { create: false } });
    expect(at(values, "configs", "files", "config.yaml")).toEqual({
      watch: { namespaces: ["db"] },
      clickhouse: { access: { secret: { name: "clickhouse-operator-access" } } },
    });
    const secret = made.one("Secret", "clickhouse-operator-access");
    expect(at(secret.inputs, "metadata", "namespace")).toBe("clickhouse-system");
    expect(secret.inputs["stringData"]).toMatchObject({
      username: "clickhouse_operator",
      password: "made-up-clickhouse-operator-access",
    });
  });

  it("may read and write Secrets where the installations are, and nowhere else", async () => {
    const made = await record(() => server());
    const mayWriteSecrets = [...made.kind("Role"), ...made.kind("ClusterRole")].filter(({ inputs }) =>
      (inputs["rules"] as unknown as { resources: string[]; verbs: string[] }[]).some(
        ({ resources, verbs }) => resources.includes("secrets") && verbs.includes("list"),
      ),
    );
    expect(mayWriteSecrets.map(({ inputs }) => at(inputs, "metadata", "namespace"))).toEqual(["db"]);
    for (const binding of [...made.kind("RoleBinding"), ...made.kind("ClusterRoleBinding")]) {
      expect(binding.inputs["subjects"]).toEqual([
        { kind: "ServiceAccount", name: "clickhouse-operator", namespace: "clickhouse-system" },
      ]);
    }
  });
});
