import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Valkey, type ValkeyArgs, valkeySignals } from "../../../../../components/data/valkey";
import { consumerFiles } from "../../../../../components/data/valkey/acl";
import { configFiles, quorum, sentinelConfig, serverConfig } from "../../../../../components/data/valkey/config";
import { cacheNameProblem } from "../../../../../components/data/valkey/names";
import { consumerOf } from "../../../../../components/kit/service";
import { fakeCertificates, namespaces } from "../../platform/objects/capabilities";
import { at, type Data, type Recorder, record } from "../../recorder";

function create(more: Partial<ValkeyArgs> = {}) {
  const spaces = namespaces("prod");
  const valkey = new Valkey("valkey", {
    namespaces: spaces,
    replicas: 3,
    storageGiB: 10,
    storageClass: "x",
    ...more,
  });
  const namespace = spaces.get("apps");
  return { valkey, consumer: consumerOf("shop", { software: "shop", component: "web", namespace }) };
}

const pod = (made: Recorder) => at(made.one("StatefulSet", "valkey").inputs, "spec", "template", "spec");
const container = (made: Recorder, name: string) =>
  (at(pod(made), "containers") as Data[]).find((each) => at(each, "name") === name);
const variables = (each: unknown) =>
  Object.fromEntries(
    (at(each, "env") as { name: string; value?: string; valueFrom?: unknown }[]).map(({ name, value, valueFrom }) => [
      name,
      value ?? valueFrom,
    ]),
  );
const text = (data: unknown, key: string) => Buffer.from(String(at(data, key)), "base64").toString("utf8");
const facts = { replicas: 3, memoryMiB: 1024, eviction: "noeviction", encrypted: false } as const;

describe("Valkey with several servers", () => {
  it("has a Sentinel and an exporter beside each, and all know each other by name", async () => {
    const made = await record(() => create());
    expect((at(pod(made), "containers") as Data[]).map((each) => at(each, "name"))).toEqual([
      "valkey",
      "sentinel",
      "exporter",
    ]);
    const hosts = [0, 1, 2].map((index) => `valkey-${index}.valkey-headless.db.svc`);
    expect(variables(container(made, "sentinel"))).toMatchObject({ SERVERS: hosts.join(" "), QUORUM: "2" });
    expect(variables(container(made, "exporter"))["REDIS_ADDR"]).toBe(
      "redis://$(POD_NAME).valkey-headless.db.svc:6379",
    );
  });

  it("is ready when it is in sync, and lives while it listens", async () => {
    const made = await record(() => create());
    const server = container(made, "valkey");
    expect(at(server, "readinessProbe", "exec", "command")).toEqual(["/bin/sh", "/etc/valkey/ready.sh"]);
    expect(at(server, "livenessProbe", "tcpSocket", "port")).toBe("valkey");
    expect(at(container(made, "sentinel"), "readinessProbe", "exec", "command")).toEqual([
      "/bin/sh",
      "/etc/valkey/sentinel-ready.sh",
    ]);
  });

  it("talks among itself on both ports, and to nobody", async () => {
    const made = await record(() => create());
    const policies = made.kind("NetworkPolicy").filter(({ inputs }) => at(inputs, "metadata", "namespace") === "db");
    const own = policies.filter(({ name }) => name.startsWith("valkey"));
    expect(own.map(({ name }) => name)).toEqual(["valkey-peers"]);
    expect(at(own[0]?.inputs, "spec", "ingress", 0, "ports")).toEqual([
      { port: 6379, protocol: "TCP" },
      { port: 26379, protocol: "TCP" },
    ]);
  });

  it("has no password in its configuration, its environment or on a command line", async () => {
    const made = await record(() => create().valkey.cache("shop"));
    for (const kind of ["ConfigMap", "StatefulSet"]) {
      expect(JSON.stringify(made.one(kind, "valkey").inputs)).not.toContain("made-up-valkey");
    }
    expect(variables(container(made, "exporter"))["REDIS_PASSWORD"]).toEqual({
      secretKeyRef: { name: "valkey-credentials", key: "metrics" },
    });
  });
});

describe("one Valkey server", () => {
  it("has no Sentinel, and nobody to vote with", async () => {
    const made = await record(() => create({ replicas: 1 }));
    expect(container(made, "sentinel")).toBeUndefined();
    expect(variables(container(made, "valkey"))["QUORUM"]).toBe("0");
    expect(made.kind("NetworkPolicy").some(({ name }) => name === "valkey-peers")).toBe(false);
    const files = at(made.one("ConfigMap", "valkey").inputs, "data") as Record<string, string>;
    expect(Object.keys(files).sort()).toEqual(["common.sh", "ready.sh", "server.sh", "valkey.conf"]);
    expect(files["valkey.conf"]).not.toContain("min-replicas");
  });
});

describe("certificates", () => {
  it("are for every name of the servers, and leave no port without TLS", async () => {
    const { certificates, asked } = fakeCertificates();
    const made = await record(() => {
      const { valkey, consumer } = create({ certificates });
      expect(valkey.cache("shop", { consumer }).caConfigMap).toBe("internal-ca");
    });
    expect(asked[0]?.dnsNames).toEqual(
      expect.arrayContaining(["valkey.db.svc", "*.valkey-headless.db.svc", "valkey.db.svc.cluster.local"]),
    );
    for (const name of ["valkey.conf", "sentinel.conf"]) {
      const config = String(at(made.one("ConfigMap", "valkey").inputs, "data", name));
      expect(config).toMatch(/^port 0$/m);
      expect(config).toContain("tls-replication yes");
    }
    expect(variables(container(made, "valkey"))["CLI_TLS"]).toBe("--tls --cacert /etc/valkey-certificates/ca.crt");
    expect(variables(container(made, "exporter"))["REDIS_ADDR"]).toMatch(/^rediss:/);
    const secret = made.one("Secret", "valkey-shop").inputs;
    expect(at(secret, "stringData")).toMatchObject({ tls: "true", uri: expect.stringMatching(/^rediss:\/\/shop:/) });
  });
});

describe("cache()", () => {
  it("gives the consumer a user, its Secret, and the way to servers and Sentinels", async () => {
    const made = await record(() => {
      const { valkey, consumer } = create();
      valkey.cache("jobs", { consumer, durable: true });
    });
    const secret = made.one("Secret", "valkey-jobs");
    expect(at(secret.inputs, "metadata", "namespace")).toBe("apps");
    expect(secret.secrets).toContain("stringData");
    expect(secret.inputs["stringData"]).toEqual({
      host: "valkey.db.svc",
      port: "6379",
      username: "jobs",
      password: "made-up-valkey-jobs",
      uri: "redis://jobs:made-up-valkey-jobs@valkey.db.svc:6379/0",
      tls: "false",
      "key-prefix": "jobs:",
      "sentinel-hosts": [0, 1, 2].map((index) => `valkey-${index}.valkey-headless.db.svc:26379`).join(","),
      "sentinel-master": "primary",
    });
    const egress = made.one("NetworkPolicy", "shop-to-valkey-valkey-sentinel-egress").inputs;
    expect(at(egress, "spec", "egress", 0, "ports")).toEqual([
      { port: 6379, protocol: "TCP" },
      { port: 26379, protocol: "TCP" },
    ]);
  });

  it("adds the user's lines to those of the others, with the digest of its password alone", async () => {
    const made = await record(() => create().valkey.cache("jobs"));
    const patch = made.resources.find(({ type }) => type === "kubernetes:core/v1:SecretPatch");
    expect(at(patch?.inputs, "metadata")).toEqual(at(made.one("Secret", "valkey-users").inputs, "metadata"));
    expect(patch?.secrets).toContain("data");
    const digest = createHash("sha256").update("made-up-valkey-jobs").digest("hex");
    expect(text(patch?.inputs["data"], "jobs.server.acl")).toMatch(
      new RegExp(`^user jobs reset on #${digest} ~jobs:\\* `),
    );
    expect(text(patch?.inputs["data"], "jobs.sentinel.acl")).not.toContain("+@all");
    expect(patch?.dependencies).toContain(made.one("Secret", "valkey-users").urn);
  });

  it("without a consumer: its Secret is beside the servers, and no way is opened", async () => {
    const made = await record(() => create().valkey.cache("jobs"));
    expect(at(made.one("Secret", "valkey-jobs").inputs, "metadata", "namespace")).toBe("db");
    expect(made.kind("NetworkPolicy").map(({ name }) => name)).not.toContainEqual(
      expect.stringContaining("valkey-jobs"),
    );
  });

  it.each(["default", "orrery-admin", "Jobs", "1st", "end-", "", "x".repeat(41), "a b"])(
    "refuses the name %j",
    (name) => {
      expect(cacheNameProblem(name)).toBeDefined();
    },
  );

  it.each(["jobs", "a", "shop-2", "x".repeat(40)])("takes the name %j", (name) => {
    expect(cacheNameProblem(name)).toBeUndefined();
  });

  it("refuses a queue where keys are evicted", async () => {
    const asked = record(() => create({ eviction: "allkeys-lru" }).valkey.cache("jobs", { durable: true }));
    await expect(asked).rejects.toThrow(/services\.valkey\.eviction to noeviction/);
  });
});

describe("users", () => {
  it("have nobody in without a password, and nobody with all commands but the administrator", async () => {
    const made = await record(() => create());
    const { data } = made.one("Secret", "valkey-users").inputs;
    const keys = Object.keys(data as object);
    for (const kind of ["server", "sentinel"]) {
      const lines = keys.filter((key) => key.endsWith(`.${kind}.acl`)).map((key) => text(data, key));
      expect(lines).toContain("user default reset off\n");
      const all = lines.filter((line) => line.includes("+@all")).map((line) => line.split(" ")[1]);
      expect(all).toEqual(kind === "server" ? ["orrery-admin"] : ["orrery-admin", "orrery-sentinel"]);
    }
  });

  it("take back what is dangerous after they were given everything", () => {
    const line = consumerFiles("shop", "shop:", "x")["shop.server.acl"]!;
    const rules = line.trim().split(" ");
    for (const forbidden of ["-@admin", "-@dangerous", "-scan", "-function"]) {
      expect(rules.indexOf(forbidden)).toBeGreaterThan(rules.indexOf("+@all"));
    }
  });
});

describe("the configuration", () => {
  it("gives three quarters of the memory to the data, and evicts as told", () => {
    expect(serverConfig(facts)).toMatch(/^maxmemory 768mb$/m);
    expect(serverConfig({ ...facts, eviction: "allkeys-lru" })).toMatch(/^maxmemory-policy allkeys-lru$/m);
  });

  it("says no directive twice, and none that Redis does not know", () => {
    for (const config of [serverConfig(facts), sentinelConfig(facts), serverConfig({ ...facts, encrypted: true })]) {
      const names = config
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("sentinel "))
        .map((line) => line.split(" ")[0]);
      expect(new Set(names).size).toBe(names.length);
      expect(names.filter((name) => name?.startsWith("primary"))).toEqual([]);
    }
  });

  it.each([
    [3, 2],
    [5, 3],
    [7, 4],
  ])("of %i servers: %i agree before another one takes over", (replicas, most) => {
    expect(quorum(replicas)).toBe(most);
  });

  it("has Sentinels only where they can vote", () => {
    expect(Object.keys(configFiles({ ...facts, replicas: 1 }))).not.toContain("sentinel.conf");
    expect(Object.keys(configFiles(facts))).toContain("sentinel.conf");
  });
});

it("every metric of a signal is listed, and every one listed is used", () => {
  const used = valkeySignals.signals.flatMap(({ expression }) => expression.match(/redis_[a-z_]+/g) ?? []);
  expect([...new Set(used)].sort()).toEqual([...valkeySignals.metrics]);
});
