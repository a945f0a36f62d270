import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { Nats, type NatsArgs } from "../../../../../components/data/nats";
import { userKey } from "../../../../../components/data/nats/nkey";
import type { BucketArgs, Objects } from "../../../../../components/kit/bucket";
import { DomainNamespace, Namespaces } from "../../../../../components/kit/namespace";
import { consumerOf } from "../../../../../components/kit/service";
import { definitionCheck } from "../../definitions";
import { fakeCertificates } from "../../platform/objects/capabilities";
import { at, kindOf, type Recorder, record } from "../../recorder";
import { shared } from "../../shared";

const definitions = shared("crds", "NATS's custom resources against their CustomResourceDefinitions");

class Stub extends pulumi.ComponentResource {
  constructor(name: string) {
    super("test:index:Stub", name);
  }
}

function fakeObjects() {
  const asked: (BucketArgs & { bucket: string })[] = [];
  const objects: Objects = {
    bucket: (bucket, args) => {
      asked.push({ bucket, ...args });
      const { namespace } = args.consumer;
      return {
        bucket,
        endpoint: "https://minio.storage.svc:9000",
        region: "us-east-1",
        secretName: `minio-${bucket}`,
        secretNamespace: namespace.name,
        caConfigMap: "internal-ca",
        ready: new Stub(`bucket-${bucket}`),
      };
    },
  };
  return { objects, asked };
}

function create(args: Partial<NatsArgs> = {}, environment: "dev" | "prod" = "dev"): Nats {
  return new Nats("nats", {
    charts: {},
    namespaces: new Namespaces({ environment }, {}),
    storageGiB: 10,
    storageClass: "hcloud",
    ...args,
  });
}

function chatClient(nats: Nats) {
  const apps = new DomainNamespace("apps", { domain: "apps", environment: "dev" });
  const logins = nats.stream({ name: "COMPANIONS_LOGINS", subjects: ["companions.logins.>"], maxAge: "7d" });
  const chat = nats.stream({ name: "AI_CHAT", subjects: ["ai.chat.>"], maxAge: "5m", storage: "memory" });
  const consumer = consumerOf("companions", { software: "companions", component: "api", namespace: apps });
  return nats.client("companions", { consumer, publish: [logins], subscribe: [chat] });
}

const release = (made: Recorder, name: string) => made.releases().find((each) => each.name === name)!;

function accountsOf(made: Recorder) {
  const text = String(at(made.one("Secret", "nats-auth").inputs, "stringData", "auth.conf"));
  return JSON.parse(text.slice("accounts: ".length, text.lastIndexOf("}") + 1)) as Record<
    string,
    { users: { user?: string; nkey?: string; password?: string; permissions?: object }[] }
  >;
}

describe("NATS", () => {
  it("keeps every password out of the chart's values, and in Secrets", async () => {
    const made = await record(() => chatClient(create()));
    for (const name of ["nats", "nats-controller"]) {
      expect(JSON.stringify(release(made, name).inputs), name).not.toMatch(/made-up|SU[A-Z2-7]{20}/);
    }
    for (const name of ["nats-auth", "nats-admin", "nats-controller-key", "nats-companions"]) {
      const { inputs, secrets } = made.one("Secret", name);
      const covered = secrets.some((path) => path === "stringData" || path.startsWith("stringData."));
      expect(covered, name).toBe(true);
      expect(JSON.stringify(inputs), name).toMatch(/made-up|SU[A-Z2-7]{20}/);
    }
  });

  it("has users for itself and for every client, whenever it was asked for", async () => {
    const made = await record(() => chatClient(create()));
    const { SYS, ORRERY } = accountsOf(made);
    expect(SYS!.users).toEqual([{ user: "system", password: "made-up-nats-admin-system-password" }]);
    expect(ORRERY!.users.map(({ user, nkey }) => user ?? nkey)).toEqual([
      "admin",
      userKey("made-up-nats-controller-key").publicKey,
      "companions",
    ]);
    expect(ORRERY!.users[2]).toMatchObject({ permissions: { subscribe: ["_INBOX_companions.>", "ai.chat.>"] } });
    expect(at(made.one("Secret", "nats-companions").inputs, "stringData")).toEqual({
      host: "nats.broker.svc",
      port: "4222",
      url: "nats://nats.broker.svc:4222",
      username: "companions",
      password: ORRERY!.users[2]!.password,
      "inbox-prefix": "_INBOX_companions",
      consumer: "companions",
      "publish-streams": "COMPANIONS_LOGINS",
      "subscribe-streams": "AI_CHAT",
    });
  });

  it("refuses a client that comes when the users are written", async () => {
    let nats: Nats | undefined;
    await record(() => {
      nats = create();
    });
    expect(() => nats!.client("late", {})).toThrow(/written already/);
  });

  it("starts after its users, its claims and its certificate, and its controller after it", async () => {
    const { certificates } = fakeCertificates();
    const made = await record(() => chatClient(create({ replicas: 3, certificates }, "prod")));
    const chart = made.component("orrery:kit:Chart", "nats");
    const claims = made.kind("PersistentVolumeClaim");
    expect(claims.map(({ name }) => name)).toEqual(["nats-js-nats-0", "nats-js-nats-1", "nats-js-nats-2"]);
    const before = [made.one("Secret", "nats-auth"), ...claims].map(({ urn }) => urn);
    expect(chart.dependencies).toEqual(expect.arrayContaining(before));
    const server = release(made, "nats").urn;
    expect(made.component("orrery:kit:Operator", "nats-controller").dependencies).toContain(server);
    const stream = made.component("orrery:data:Stream", "nats-ai-chat");
    expect(stream.dependencies).toContain(release(made, "nats-controller").urn);
    expect(made.one("Consumer", "ai-chat.companions").dependencies).toContain(made.one("Stream", "ai-chat").urn);
  });

  it("grows by its claims: their size is nowhere in the chart's values but as JetStream's limit", async () => {
    const values = async (storageGiB: number) =>
      JSON.stringify(release(await record(() => create({ storageGiB })), "nats").inputs["values"]);
    expect((await values(20)).replace("18432Mi", "9216Mi")).toBe(await values(10));
  });

  it("gives its claims the labels of its pods, by which a service's data is found", async () => {
    const made = await record(() => create());
    expect(at(made.one("PersistentVolumeClaim", "nats-js-nats-0").inputs, "metadata", "labels")).toMatchObject({
      "app.kubernetes.io/name": "nats",
      "app.kubernetes.io/instance": "nats",
      "app.kubernetes.io/component": "nats",
    });
  });

  it("speaks TLS with certificates, to clients and between servers, by names that are in the certificate", async () => {
    const { certificates, asked, trusted } = fakeCertificates();
    const made = await record(() => chatClient(create({ replicas: 3, certificates }, "prod")));
    const values = release(made, "nats").inputs["values"];
    expect(at(values, "config", "nats", "tls")).toEqual({ enabled: true, secretName: "nats-tls-tls" });
    expect(at(values, "config", "cluster", "tls")).toEqual({ enabled: true, secretName: "nats-tls-tls" });
    expect(at(values, "config", "cluster", "routeURLs", "useFQDN")).toBe(true);
    expect(asked.map(({ dnsNames }) => dnsNames)).toEqual([
      expect.arrayContaining(["nats.broker.svc", "*.nats-headless.broker.svc.cluster.local"]),
    ]);
    expect(trusted).toEqual(expect.arrayContaining(["broker", "apps"]));
    expect(at(made.one("Secret", "nats-companions").inputs, "stringData", "url")).toBe("tls://nats.broker.svc:4222");
    expect(JSON.stringify(release(made, "nats-controller").inputs)).toContain("tls://nats.broker.svc:4222");
  });

  it("opens exactly the ways that are asked for", async () => {
    const made = await record(() => chatClient(create({ replicas: 3 })));
    const policies = made.kind("NetworkPolicy").map(({ inputs }) => String(at(inputs, "metadata", "name")));
    expect(policies.filter((name) => name.includes("nats")).sort()).toEqual([
      "companions-to-nats-nats-egress",
      "companions-to-nats-nats-ingress",
      "nats-controller-to-nats-nats-egress",
      "nats-controller-to-nats-nats-ingress",
      "nats-peers",
    ]);
    const alone = await record(() => create());
    expect(alone.kind("NetworkPolicy").map(({ name }) => name)).not.toContain("nats-peers");
  });

  it("without a consumer puts the Secret beside the servers and opens nothing", async () => {
    const made = await record(() => {
      const nats = create();
      nats.client("worker", { publish: [nats.stream({ name: "JOBS", subjects: ["jobs.>"], maxAge: "1h" })] });
    });
    expect(at(made.one("Secret", "nats-worker").inputs, "metadata", "namespace")).toBe("broker");
    expect(made.kind("NetworkPolicy").map(({ name }) => name)).not.toContain("nats-worker-egress");
  });

  it("copies its streams to a bucket by its own schedule, as a user that may do nothing else", async () => {
    const { objects, asked } = fakeObjects();
    const backup = { objects, bucket: "nats-backup", schedule: "30 2 * * *", retentionDays: 14 };
    const made = await record(() => create({ backup }));
    expect(asked).toMatchObject([{ bucket: "nats-backup", expireDays: 14 }]);
    expect(at(made.one("CronJob", "nats-backup").inputs, "spec", "schedule")).toBe("30 2 * * *");
    const user = accountsOf(made)["ORRERY"]!.users.find((each) => each.user === "backup");
    expect(JSON.stringify(user!.permissions)).not.toMatch(/DELETE|CREATE|RESTORE|PURGE/);
    const values = release(made, "nats").inputs["values"];
    expect(at(values, "podTemplate", "merge", "metadata", "labels", "orrery.dev/backup")).toBe("native");
  });

  it.skipIf(definitions === undefined)("makes custom resources that meet their definitions", async () => {
    const made = await record(() => chatClient(create()));
    const resources = made.objects().filter(({ inputs }) => String(inputs["apiVersion"]).startsWith("jetstream"));
    expect(resources.map(kindOf).sort()).toEqual(["Consumer", "Stream", "Stream"]);
    for (const resource of resources) {
      const check = definitionCheck(definitions!, `${kindOf(resource).toLowerCase()}s.jetstream.nats.io`);
      check(resource.inputs);
      expect(check.errors ?? [], resource.name).toEqual([]);
      expect(at(resource.inputs, "metadata", "annotations", "pulumi.com/waitFor")).toBe("condition=Ready");
      expect(at(resource.inputs, "spec", "preventDelete")).toBe(true);
    }
  });
});
