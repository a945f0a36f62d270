import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Objects } from "../../components/kit/bucket";
import { agents } from "../../components/observability/agents/shipper";
import { LOKI_INDEX_LABELS, LOKI_METADATA } from "../../components/observability/labels";
import { Loki, type LokiArgs } from "../../components/observability/loki";
import { lokiSource } from "../../components/observability/sources/loki";
import { toolsDirectory } from "../../sandbox/paths";
import { namespaces } from "../unit/components/platform/objects/capabilities";
import { record } from "../unit/components/recorder";
import { run } from "./programs/cache";
import { LokiServers } from "./programs/loki";
import { ensurePrograms, Server, until } from "./programs/servers";

const store = "127.84.91.1:9000";
const keys = { AWS_ACCESS_KEY_ID: "loki", AWS_SECRET_ACCESS_KEY: "loki-secret" };
const MINUTES = 60_000;
const shop = { cluster: "demo", namespace: "apps", service: "shop" };

/** A store outside, whose credentials are in a Secret beside the servers. */
const objects: Objects = {
  bucket: (name, { consumer }) => {
    const metadata = { name: `bucket-${name}`, namespace: consumer.pods.namespace };
    const ready = new k8s.core.v1.Secret("keys", { metadata, stringData: keys });
    const where = { secretName: metadata.name, secretNamespace: metadata.namespace };
    return { bucket: name, endpoint: `http://${store}`, region: "fsn1", ...where, ready };
  },
};

function render(environment: "dev" | "prod", more: Partial<LokiArgs> = {}) {
  const limits = { retentionDays: 14, ingestionMiBPerSecond: 8, maxStreams: 10_000 };
  const args = { namespaces: namespaces(environment), storageGiB: 20, storageClass: "hcloud", ...limits, ...more };
  return record(() => void new Loki("loki", args));
}

let folder: string;

beforeAll(async () => {
  await ensurePrograms("loki", "minio");
  folder = await mkdtemp(path.join(tmpdir(), "orrery-loki-"));
}, 20 * MINUTES);

afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

describe("one Loki on its volume, as rendered for dev", () => {
  let servers: LokiServers;

  beforeAll(async () => {
    const at = path.join(folder, "dev");
    await mkdir(at);
    servers = new LokiServers(await render("dev", { ingestionMiBPerSecond: 0.5, maxStreams: 5 }), at, "127.84.93");
    await servers.start(0);
  }, 5 * MINUTES);

  afterAll(() => servers?.stop());

  it("has a configuration that the program knows every word of", async () => {
    const loki = path.join(toolsDirectory, "loki");
    const { args, environment } = await servers.command(0);
    await run(loki, [...args, "-verify-config"], { env: environment });
    const file = path.join(folder, "wrong.yaml");
    await writeFile(file, servers.config(0).replace("max_global_streams_per_user", "max_streams_of_all"));
    const wrong = run(loki, [`-config.file=${file}`, "-config.expand-env=true", "-verify-config"], {
      env: environment,
    });
    await expect(wrong).rejects.toThrow(/max_streams_of_all/);
  });

  it("gives back what was written, by labels and by what is known of a line", async () => {
    const metadata = { pod: "shop-1", version: "1.2", level: "error", trace_id: "0af7651916cd43dd8448eb211c80319c" };
    expect(
      (
        await servers.push(0, shop, [
          ["no stock", metadata],
          ["all well", { pod: "shop-2", level: "info" }],
        ])
      ).status,
    ).toBe(204);
    const query = `{cluster="demo", namespace="apps", service="shop"} | trace_id="${metadata.trace_id}"`;
    const [found] = await servers.lines(0, query, 1);
    expect(found).toMatchObject({ line: "no stock", labels: { ...shop, ...metadata } });
    const index = JSON.parse(await servers.text(0, "/loki/api/v1/labels")) as { data: string[] };
    expect(index.data).toEqual(["cluster", "namespace", "service"]);
  });

  it("gives what comes over OTLP the same labels", async () => {
    const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    const record = {
      timeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
      body: { stringValue: "paid" },
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      spanId: "00f067aa0ba902b7",
      attributes: [attribute("level", "info")],
    };
    const resource = { ...shop, service: "till", version: "3.1", pod: "till-0" };
    const attributes = Object.entries(resource).map(([key, value]) => attribute(key, value));
    const body = { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: [record] }] }] };
    expect((await servers.send(0, "/otlp/v1/logs", body)).status).toBe(204);
    const [found] = await servers.lines(0, '{cluster="demo", namespace="apps", service="till"}', 1);
    expect(found?.line).toBe("paid");
    expect(found?.labels).toMatchObject({
      ...resource,
      level: "info",
      trace_id: record.traceId,
      span_id: record.spanId,
    });
    const index = JSON.parse(await servers.text(0, "/loki/api/v1/labels")) as { data: string[] };
    expect(index.data.filter((label) => !LOKI_INDEX_LABELS.includes(label))).toEqual([]);
    const known = [...LOKI_INDEX_LABELS, ...LOKI_METADATA, "detected_level"];
    expect(Object.keys(found?.labels ?? {}).filter((label) => !known.includes(label))).toEqual([]);
  });

  it("cuts a line that is too long, and says so in it", async () => {
    expect((await servers.push(0, shop, [[`long ${"x".repeat(300 * 1024)}`]])).status).toBe(204);
    const [found] = await servers.lines(0, '{service="shop"} |= "long x"', 1);
    expect(found?.line.endsWith(" [cut by Loki]")).toBe(true);
    expect(found!.line.length).toBeLessThanOrEqual(256 * 1024);
  });

  it("refuses more than the limits, with the words that the documentation explains", async () => {
    const block = "y".repeat(200 * 1024);
    const much = Array.from({ length: 40 }, (_, index) => [`${index} ${block}`] as const);
    const refused = await servers.push(0, shop, much);
    expect(refused.status).toBe(429);
    expect(refused.text).toContain("ingestion rate limit exceeded");
    await until(async () => (await servers.push(0, shop, [["again"]])).status === 204, "room for more");
    const services = await Promise.all(
      Array.from({ length: 6 }, (_, index) => servers.push(0, { ...shop, service: `other-${index}` }, [["one"]])),
    );
    const over = services.find(({ status }) => status === 429);
    expect(over?.text).toContain("maximum active stream limit exceeded");
    const old = await servers.push(0, shop, [["old", {}, new Date(Date.now() - 20 * 24 * 3600_000)]]);
    expect(old.status).toBe(400);
    expect(old.text).toContain("timestamp too old");
    expect(await servers.metric(0, "loki_discarded_samples_total{")).toBeGreaterThan(0);
  });

  it("reads the agents' expressions as Go does, and as they are meant", async () => {
    const agent = agents.alloy.files({ cluster: "demo", pushUrl: "http://loki" })["config.alloy"]!;
    const first = /firstline = (".*")/.exec(agent)![1]!;
    const [logfmt, klog] = [...agent.matchAll(/selector = (".*")/g)].map(([, text]) =>
      (JSON.parse(text!) as string).replace(/^\{[^}]*\} /, ""),
    );
    const lines = {
      plain: "Caught up",
      cause: "Caused by: java.io.IOException",
      indented: "\tat shop.Till.pay(Till.java:7)",
      logfmt: 'ts=1 caller=a.go level=warn msg="slow"',
      klog: "W1121 10:00:00.000000       1 a.go:1] slow",
    };
    await servers.push(
      0,
      { ...shop, service: "till" },
      Object.values(lines).map((line) => [line]),
    );
    const matching = async (filter: string) =>
      (await servers.query(0, `{service="till"} ${filter}`))
        .map(({ line }) => line)
        .filter((line) => line !== "paid")
        .sort();
    await servers.lines(0, '{service="till"} |= "W1121"', 1);
    expect(await matching(`|~ ${first}`)).toEqual([lines.plain, lines.logfmt, lines.klog].sort());
    expect(await matching(logfmt!)).toEqual([lines.logfmt]);
    expect(await matching(klog!)).toEqual([lines.klog]);
  });

  it("removes what is older than the settings say", async () => {
    const config = parse(await servers.text(0, "/config")) as {
      compactor: { retention_enabled: boolean };
      limits_config: { retention_period: string };
    };
    expect(config.compactor.retention_enabled).toBe(true);
    expect(config.limits_config.retention_period).toBe("2w");
  });

  it("exports the metrics that dashboards and alerts ask for", async () => {
    const text = await servers.text(0, "/metrics");
    const exported = new Set(
      [...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, name, type]) =>
        type === "histogram" ? ["bucket", "count", "sum"].map((part) => `${name}_${part}`) : [name],
      ),
    );
    expect(lokiSource.metrics.filter((name) => !exported.has(name))).toEqual([]);
  });

  it("still has what it took when it was killed", { timeout: 2 * MINUTES }, async () => {
    await servers.server(0).stop("SIGKILL");
    await servers.start(0);
    expect(await servers.lines(0, '{service="shop"} |= "no stock"', 1)).toHaveLength(1);
  });
});

describe("three Lokis on a bucket, as rendered for prod", () => {
  let servers: LokiServers;
  let minio: Server;

  const mc = (...args: string[]) =>
    run(path.join(toolsDirectory, "mc"), ["--json", ...args], {
      env: { HOME: folder, MC_HOST_store: `http://${keys.AWS_ACCESS_KEY_ID}:${keys.AWS_SECRET_ACCESS_KEY}@${store}` },
    });

  beforeAll(async () => {
    const at = path.join(folder, "prod");
    await mkdir(path.join(at, "drive"), { recursive: true });
    minio = new Server("minio", ["server", "--address", store, path.join(at, "drive")], {
      HOME: folder,
      MINIO_ROOT_USER: keys.AWS_ACCESS_KEY_ID,
      MINIO_ROOT_PASSWORD: keys.AWS_SECRET_ACCESS_KEY,
      MINIO_CI_CD: "1",
    });
    await minio.start(`http://${store}/minio/health/live`);
    await mc("mb", "store/loki");
    servers = new LokiServers(
      await render("prod", { replicas: 3, bucket: { objects, name: "loki" } }),
      at,
      "127.84.92",
    );
    await Promise.all([0, 1, 2].map((server) => servers.start(server)));
  }, 10 * MINUTES);

  afterAll(async () => {
    await servers?.stop();
    await minio?.stop("SIGKILL");
  });

  it("find each other, and give back at each what was written to another", { timeout: 2 * MINUTES }, async () => {
    await until(async () => {
      const answer = await fetch(`${servers.url(2)}/ring`, { headers: { accept: "application/json" } });
      const { shards } = (await answer.json()) as { shards: { state: string }[] };
      return shards.filter(({ state }) => state === "ACTIVE").length === 3;
    }, "three members in the ring");
    expect((await servers.push(0, shop, [["everywhere"]])).status).toBe(204);
    for (const server of [0, 1, 2]) {
      const found = await servers.lines(server, '{service="shop"} |= "everywhere"', 1);
      expect(found.map(({ line }) => line)).toEqual(["everywhere"]);
    }
  });

  it("go on with one of them away", { timeout: 2 * MINUTES }, async () => {
    await servers.server(2).stop("SIGKILL");
    expect((await servers.push(0, shop, [["one is away"]])).status).toBe(204);
    expect(await servers.lines(1, '{service="shop"} |= "one is away"', 1)).toHaveLength(1);
    await servers.start(2);
  });

  it("put their chunks into the bucket, with the keys of the Secret", { timeout: 2 * MINUTES }, async () => {
    await Promise.all([0, 1, 2].map((server) => servers.send(server, "/flush", {})));
    await until(async () => {
      const listed = await mc("ls", "--recursive", "store/loki");
      return /"key":"fake\//.test(listed);
    }, "chunks in the bucket");
    expect(await servers.lines(1, '{service="shop"} |= "everywhere"', 1)).toHaveLength(1);
  });
});
