import { describe, expect, it } from "vitest";
import { authConf } from "../../../../../components/data/nats/accounts";
import { backupPod } from "../../../../../components/data/nats/backup-job";
import { durationSeconds, goDuration } from "../../../../../components/data/nats/durations";
import { objectName } from "../../../../../components/data/nats/names";
import { userKey } from "../../../../../components/data/nats/nkey";
import { clientPermissions, controllerPermissions } from "../../../../../components/data/nats/permissions";
import { natsSignals } from "../../../../../components/data/nats/signals";
import { consumerSpec, type StreamDefinition, streamSpec } from "../../../../../components/data/nats/streams";
import { overlaps, subjectProblem } from "../../../../../components/data/nats/subjects";
import { fileStoreMiB, memoryStoreLimitMiB } from "../../../../../components/data/nats/values";

describe("durations", () => {
  it.each([
    ["90s", 90, "90s"],
    ["5m", 300, "5m"],
    ["60m", 3600, "1h"],
    ["24h", 86_400, "24h"],
    ["7d", 604_800, "168h"],
    ["30d", 2_592_000, "720h"],
    ["2w", 1_209_600, "336h"],
  ])("%s is %i s, for Go %s", (text, seconds, go) => {
    expect(durationSeconds(text)).toBe(seconds);
    expect(goDuration(seconds)).toBe(go);
  });

  it.each(["", "7", "d", "0d", "1.5h", "7 days", "-1h", "7D", "1h30m", "99999999d"])("%j is none", (text) => {
    expect(durationSeconds(text)).toBeUndefined();
  });
});

describe("subjects", () => {
  it.each(["a", "ai.chat.>", "ai.*.voice", "Companions.Logins_1"])("%s is one", (subject) => {
    expect(subjectProblem(subject)).toBeUndefined();
  });

  it.each(["", "a..b", ".a", "a.", "a b", "a.>.b", "a.b*", "a.>>", "*.a", ">", "$JS.API.>", "_INBOX.a"])(
    "%j is none that a stream may have",
    (subject) => {
      expect(subjectProblem(subject)).toMatch(/\.$/);
    },
  );

  it.each([
    ["a.b", "a.b", true],
    ["a.*", "a.b", true],
    ["a.>", "a.b.c", true],
    ["a.*.c", "a.b.*", true],
    ["a.>", "a", false],
    ["a.*", "a.b.c", false],
    ["a.b", "a.c", false],
    ["a.*.c", "a.b.d", false],
  ])("%s and %s: %s", (one, other, expected) => {
    expect(overlaps(one, other)).toBe(expected);
    expect(overlaps(other, one)).toBe(expected);
  });
});

describe("streams", () => {
  const chat: StreamDefinition = { name: "COMPANIONS_CHAT", subjects: ["companions.chat.>"], maxAge: "30d" };

  it("are kept on file, on three servers where there are that many, and outlive their resource", () => {
    expect(streamSpec(chat, 3)).toEqual({
      name: "COMPANIONS_CHAT",
      subjects: ["companions.chat.>"],
      retention: "limits",
      discard: "old",
      storage: "file",
      replicas: 3,
      maxAge: "720h",
      maxBytes: 1024 * 1024 * 1024,
      duplicateWindow: "2m",
      preventDelete: true,
    });
    expect(streamSpec(chat, 1).replicas).toBe(1);
    expect(streamSpec(chat, 5).replicas).toBe(3);
  });

  it("in memory are small, and remember duplicates not longer than messages", () => {
    const spec = streamSpec({ ...chat, storage: "memory", maxAge: "30s" }, 1);
    expect(spec).toMatchObject({ storage: "memory", maxBytes: 64 * 1024 * 1024, duplicateWindow: "30s" });
  });

  it("have a duration that is one", () => {
    expect(() => streamSpec({ ...chat, maxAge: "30 days" }, 1)).toThrow(/COMPANIONS_CHAT.*30 days/);
  });

  it("have consumers that never lose their place with their resource", () => {
    expect(consumerSpec("CHAT", "api")).toMatchObject({
      streamName: "CHAT",
      durableName: "api",
      ackPolicy: "explicit",
      preventDelete: true,
    });
  });

  it("are called in Kubernetes as it allows", () => {
    expect(objectName("COMPANIONS_LOGINS")).toBe("companions-logins");
    expect(objectName("AI__Chat-")).toBe("ai-chat");
  });
});

describe("permissions", () => {
  const logins = { stream: "LOGINS", subjects: ["logins.>"] };
  const chat = { stream: "CHAT", subjects: ["chat.>"] };

  it("of a client are its streams' subjects, its inbox, and the questions about them: nothing more", () => {
    expect(clientPermissions({ client: "api", publish: [logins], subscribe: [chat] })).toEqual({
      publish: [
        "logins.>",
        "$JS.API.STREAM.INFO.LOGINS",
        "$JS.API.STREAM.INFO.CHAT",
        "$JS.API.CONSUMER.INFO.CHAT.api",
        "$JS.API.CONSUMER.MSG.NEXT.CHAT.api",
        "$JS.ACK.CHAT.api.>",
      ],
      subscribe: ["_INBOX_api.>", "chat.>"],
    });
  });

  it("of who only writes allow no reading, and of who only reads no writing", () => {
    expect(clientPermissions({ client: "w", publish: [logins], subscribe: [] }).subscribe).toEqual(["_INBOX_w.>"]);
    expect(clientPermissions({ client: "r", publish: [], subscribe: [logins] }).publish).not.toContain("logins.>");
  });

  it("of NACK do not allow it to delete, or to read messages", () => {
    expect(controllerPermissions.publish.join()).not.toMatch(/DELETE|PURGE|MSG|SNAPSHOT|\$JS\.API\.>/);
  });

  it("are configuration in which every user stands once, the system's in an account of its own", () => {
    const text = authConf([{ user: "api", password: "secret" }], { user: "system", password: "other" });
    const accounts = JSON.parse(text.slice("accounts: ".length, text.lastIndexOf("}") + 1)) as object;
    expect(accounts).toEqual({
      SYS: { users: [{ user: "system", password: "other" }] },
      ORRERY: { jetstream: "enabled", users: [{ user: "api", password: "secret" }] },
    });
    expect(text).toMatch(/\nsystem_account: SYS\n$/);
  });
});

describe("keys", () => {
  it("follow from a text, and are written as nkeys are", () => {
    const key = userKey("a");
    expect(userKey("a")).toEqual(key);
    expect(userKey("b").seed).not.toBe(key.seed);
    expect(key.seed).toMatch(/^SU[A-Z2-7]{56}$/);
    expect(key.publicKey).toMatch(/^U[A-Z2-7]{55}$/);
  });
});

describe("room", () => {
  it("is nine tenths of a volume, and half of the memory", () => {
    expect(fileStoreMiB(10)).toBe(9216);
    expect(memoryStoreLimitMiB("small", "dev")).toBe(256);
    expect(memoryStoreLimitMiB("small", "prod")).toBe(512);
  });
});

describe("the backup's pod", () => {
  const bucket = { endpoint: "https://s3.example.com:9000", bucket: "nats-backup", region: "r", secretName: "bucket" };
  const facts = { url: "tls://nats.broker.svc:4222", userSecret: "nats-backup-user", bucket, scratchMiB: 9216 };

  it("copies first and uploads then, with each password from a Secret", () => {
    const pod = backupPod({ ...facts, caConfigMap: "internal-ca" });
    const [copy] = pod.initContainers!;
    expect(copy!.command!.join("\n")).toContain("nats account backup --force /backup/streams");
    expect(copy!.command!.join("\n")).toContain("--inbox-prefix _INBOX_backup");
    expect(copy!.environment).toMatchObject({
      NATS_URL: "tls://nats.broker.svc:4222",
      NATS_PASSWORD: { secret: "nats-backup-user", key: "password" },
      NATS_CA: "/etc/nats-ca/ca.crt",
    });
    expect(pod.command!.join("\n")).toContain(
      'MC_HOST_store="https://$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY@s3.example.com:9000"',
    );
    expect(pod.volumes!.configMaps).toEqual([{ name: "nats-ca", path: "/etc/nats-ca", configMap: "internal-ca" }]);
  });

  it("believes the store by its own authority where it has one", () => {
    const pod = backupPod({ ...facts, bucket: { ...bucket, caConfigMap: "internal-ca" } });
    expect(pod.environment).toMatchObject({ SSL_CERT_FILE: "/etc/store-ca/ca.crt" });
    expect(pod.initContainers![0]!.environment).not.toHaveProperty("NATS_CA");
  });
});

describe("signals", () => {
  it("use the metrics that they name, and no other", () => {
    const used = natsSignals.signals.flatMap(({ expression }) => expression.match(/nats_\w+/g) ?? []);
    expect([...new Set(used)].sort()).toEqual([...natsSignals.metrics].sort());
    expect(new Set(natsSignals.signals.map(({ name }) => name)).size).toBe(natsSignals.signals.length);
  });
});
