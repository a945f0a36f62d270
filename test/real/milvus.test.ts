import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Milvus, milvusSignals } from "../../components/data/milvus";
import { etcdSource } from "../../components/observability/sources/milvus";
import { Minio } from "../../components/platform/objects";
import { fakeCertificates, namespaces } from "../unit/components/platform/objects/capabilities";
import { type Recorder, record } from "../unit/components/recorder";
import { run } from "./programs/cache";
import { EtcdMembers } from "./programs/etcd";
import { renderedContainer } from "./programs/rendered";

/** Milvus of prod: three members of etcd, with snapshots; `tls` false for the Job, which a double answers. */
function render(tls: boolean): Promise<Recorder> {
  const { certificates } = fakeCertificates();
  return record(() => {
    const shared = { namespaces: namespaces("prod"), ...(tls ? { certificates } : {}) };
    const objects = new Minio("minio", { ...shared, storageGiB: 20, storageClass: "hcloud" });
    const milvus = new Milvus("milvus", {
      ...shared,
      charts: {},
      objects,
      bucket: "milvus",
      replicas: 2,
      etcd: { replicas: 3, storageGiB: 10, storageClass: "hcloud" },
      backup: { objects, bucket: "milvus-backup", schedule: "0 2 * * *", retentionDays: 7 },
    });
    milvus.collections("docs-own");
  });
}

describe("Milvus's etcd, as rendered", () => {
  let members: EtcdMembers;

  const until = async (what: string, holds: () => Promise<boolean>) => {
    for (let turn = 0; turn < 120; turn += 1) {
      if (await holds().catch(() => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error(`not within 30 s: ${what}\n${members.log}`);
  };
  const ready = (member: number) =>
    until(`member ${member} is ready`, async () => (await members.metrics(member, "/readyz")).ok);

  beforeAll(async () => {
    members = await EtcdMembers.create(await render(true), "milvus-etcd", "127.84.61");
    for (const member of [0, 1, 2]) await members.start(member);
    for (const member of [0, 1, 2]) await ready(member);
  }, 10 * 60_000);

  afterAll(() => members?.close());

  it("finds itself: three members, one leader, over TLS", async () => {
    const list = JSON.parse(await members.client("member", "list", "-w", "json")) as { members: { name: string }[] };
    expect(list.members.map(({ name }) => name).sort()).toEqual(["milvus-etcd-0", "milvus-etcd-1", "milvus-etcd-2"]);
    await members.client("put", "milvus/meta/a", "1");
    expect(await members.client("get", "milvus/meta/a")).toContain("1");
  });

  it("answers in TLS only, and shows a certificate of the authority", async () => {
    const plain = run("curl", ["--silent", "--fail", "-m", "5", `http://${members.address(0)}:2379/version`]);
    await expect(plain).rejects.toThrow();
    const stranger = run("curl", ["--silent", "--fail", "-m", "5", `https://${members.address(0)}:2379/version`]);
    await expect(stranger).rejects.toThrow();
  });

  it("goes on without one member, stops without two, and takes them back", async () => {
    await members.stop(2);
    await members.client("put", "milvus/meta/b", "2", "--command-timeout=20s");
    await members.stop(1);
    await expect(members.client("put", "milvus/meta/c", "3", "--command-timeout=3s")).rejects.toThrow();
    for (const member of [1, 2]) await members.start(member);
    for (const member of [1, 2]) await ready(member);
    expect(await members.client("get", "milvus/meta/b")).toContain("2");
  }, 90_000);

  it("is defragmented by its CronJob, all members of it", async () => {
    const said = await members.job("milvus-etcd-defrag", "containers");
    expect(said.match(/Finished defragmenting/g)).toHaveLength(3);
  });

  it("is written into a whole snapshot by the CronJob of the backups", async () => {
    await members.job("milvus-backup", "initContainers");
    const { totalKey } = JSON.parse(await members.snapshot()) as { totalKey: number };
    expect(totalKey).toBeGreaterThan(0);
  });

  it("exports the metrics that the signals ask for", async () => {
    const text = await (await members.metrics(0)).text();
    const asked = [...milvusSignals.metrics, ...etcdSource.metrics].filter((name) => name.startsWith("etcd_"));
    expect(asked.length).toBeGreaterThan(3);
    // Members measure the way to each other only now and then.
    const now = asked.filter((name) => !name.includes("peer_round_trip"));
    expect(now.filter((name) => !text.includes(`\n${name}`))).toEqual([]);
  });
});

/** What of Milvus's RESTful API the Job uses; it answers 200 to everything, as Milvus does. */
class MilvusDouble {
  readonly databases = new Set(["default"]);
  readonly roles = new Set(["admin", "public"]);
  readonly users = new Map([["root", "root-secret"]]);
  readonly grants = new Set<string>();
  readonly asked: string[] = [];
  private readonly server: Server = createServer((request, response) => {
    void this.answer(request).then((body) => response.end(JSON.stringify(body)));
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.84.62.1", resolve));
    return `http://127.84.62.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<unknown> {
    return new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<object> {
    const path = request.url!.replace("/v2/vectordb/", "");
    const [user, password] = (request.headers.authorization ?? "").replace("Bearer ", "").split(":");
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text) as Record<string, string>;
    this.asked.push(path);
    if (this.users.get(user!) !== password) return { code: 1800, message: "user hasn't authenticated" };
    if (user !== "root") return { code: 0, data: [] };
    switch (path) {
      case "databases/list":
        return { code: 0, data: [...this.databases] };
      case "databases/create":
        return this.add(this.databases, body["dbName"]!);
      case "roles/list":
        return { code: 0, data: [...this.roles] };
      case "roles/create":
        return this.add(this.roles, body["roleName"]!);
      case "roles/grant_privilege_v2":
        this.grants.add(`${body["roleName"]} ${body["privilege"]} ${body["dbName"]}.${body["collectionName"]}`);
        return { code: 0, data: {} };
      case "users/list":
        return { code: 0, data: [...this.users.keys()] };
      case "users/create":
        if (this.users.has(body["userName"]!)) return { code: 65535, message: "user already exists" };
        this.users.set(body["userName"]!, body["password"]!);
        return { code: 0, data: {} };
      case "users/drop":
        this.users.delete(body["userName"]!);
        return { code: 0, data: {} };
      case "users/grant_role":
        this.grants.add(`${body["userName"]} is ${body["roleName"]}`);
        return { code: 0, data: {} };
      default:
        return { code: 404, message: `no such path: ${path}` };
    }
  }

  private add(all: Set<string>, name: string): object {
    if (all.has(name)) return { code: 65535, message: `${name} already exists` };
    all.add(name);
    return { code: 0, data: {} };
  }
}

describe("the Job of a consumer's database, with a double of Milvus's API", () => {
  let made: Recorder;
  let milvus: MilvusDouble;
  let url: string;

  const runJob = (more: Record<string, string> = {}) => {
    const { command, environment } = renderedContainer(made, "Job", "milvus-docs-own-database");
    return run("/bin/sh", [...command.slice(1)], {
      env: { PATH: process.env.PATH, ...environment, MILVUS_URL: url, ROOT_PASSWORD: "root-secret", ...more },
    });
  };

  beforeAll(async () => {
    made = await render(false);
  });

  beforeEach(async () => {
    milvus = new MilvusDouble();
    url = await milvus.listen();
    return () => milvus.close();
  });

  it("makes database, role and user, and the second time nothing", async () => {
    await runJob();
    expect(milvus.databases).toContain("docs_own");
    expect(milvus.users.get("docs_own")).toBe("made-up-milvus-docs-own");
    expect([...milvus.grants]).toEqual([
      "docs_own DatabaseAdmin docs_own.*",
      "docs_own CollectionAdmin docs_own.*",
      "docs_own is docs_own",
    ]);
    milvus.asked.length = 0;
    await runJob();
    expect(milvus.asked.filter((path) => /create|drop/.test(path))).toEqual([]);
  });

  it("gives a user whose Secret is a new one its new password", async () => {
    await runJob();
    await runJob({ PASSWORD: "another" });
    expect(milvus.users.get("docs_own")).toBe("another");
    expect(milvus.asked).toContain("users/drop");
  });

  it("fails where Milvus says no, and says what it said", async () => {
    await expect(runJob({ ROOT_PASSWORD: "wrong" })).rejects.toThrow(/databases\/list was refused.*authenticated/);
  });
});
