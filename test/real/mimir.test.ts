import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Objects } from "../../components/kit/bucket";
import { Mimir } from "../../components/observability/mimir";
import { mimirSource } from "../../components/observability/sources/mimir";
import { toolsDirectory } from "../../sandbox/paths";
import { namespaces } from "../unit/components/platform/objects/capabilities";
import { record } from "../unit/components/recorder";
import { run } from "./programs/cache";
import { MimirServers, promtoolDoor } from "./programs/mimir";
import { ensurePrograms, Server, until } from "./programs/servers";

const network = "127.84.80";
const store = "127.84.81.1:9000";
const keys = { AWS_ACCESS_KEY_ID: "mimir", AWS_SECRET_ACCESS_KEY: "mimir-secret" };
const MINUTES = 60_000;

/** A store outside, whose credentials are in a Secret beside the servers. */
const objects: Objects = {
  bucket: (name, { consumer }) => {
    const metadata = { name: `bucket-${name}`, namespace: consumer.pods.namespace };
    const ready = new k8s.core.v1.Secret("keys", { metadata, stringData: keys });
    const where = { secretName: metadata.name, secretNamespace: metadata.namespace };
    return { bucket: name, endpoint: `http://${store}`, region: "fsn1", ...where, ready };
  },
};

function render() {
  return record(() => {
    new Mimir("mimir", {
      namespaces: namespaces("prod"),
      cluster: "demo",
      replicas: 3,
      retentionDays: 365,
      storageClass: "hcloud",
      maxSeries: 10_000,
      objects,
      bucket: "mimir",
    });
  });
}

describe("Mimir, as rendered", () => {
  let folder: string;
  let servers: MimirServers;
  let minio: Server;

  const mc = (...args: string[]) =>
    run(path.join(toolsDirectory, "mc"), ["--json", ...args], {
      env: {
        HOME: folder,
        MC_HOST_store: `http://${keys.AWS_ACCESS_KEY_ID}:${keys.AWS_SECRET_ACCESS_KEY}@${store}`,
      },
    });

  /** Samples of now, by Prometheus' own client for remote write. */
  async function push(server: number, text: string, labels: Readonly<Record<string, string>> = {}): Promise<string> {
    const file = path.join(folder, "samples");
    await writeFile(file, text);
    const flags = Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`);
    const door = await promtoolDoor(`${servers.url(server)}/api/v1/push`);
    const push = ["push", "metrics", ...flags, door.url, file];
    return run(path.join(toolsDirectory, "promtool"), push, {}).finally(door.close);
  }

  /** What an instant query answers: labels and value of each series. */
  async function query(server: number, expression: string) {
    const url = `${servers.url(server)}/prometheus/api/v1/query?query=${encodeURIComponent(expression)}`;
    const { data } = (await (await fetch(url)).json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return data.result.map(({ metric, value }) => ({ ...metric, value: Number(value[1]) }));
  }

  beforeAll(async () => {
    await ensurePrograms("mimir", "prometheus", "minio");
    folder = await mkdtemp(path.join(tmpdir(), "orrery-mimir-"));
    await mkdir(path.join(folder, "drive"));
    minio = new Server("minio", ["server", "--address", store, path.join(folder, "drive")], {
      HOME: folder,
      MINIO_ROOT_USER: keys.AWS_ACCESS_KEY_ID,
      MINIO_ROOT_PASSWORD: keys.AWS_SECRET_ACCESS_KEY,
      MINIO_CI_CD: "1",
    });
    await minio.start(`http://${store}/minio/health/live`);
    await mc("mb", "store/mimir");
    servers = new MimirServers(await render(), folder, network);
    await Promise.all([0, 1, 2].map((server) => servers.start(server)));
  }, 20 * MINUTES);

  afterAll(async () => {
    await servers?.stop();
    await minio?.stop("SIGKILL");
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it("has a configuration that the program knows every word of", async () => {
    const { args, environment } = await servers.command(0);
    const check = (text: string[]) =>
      run(path.join(toolsDirectory, "mimir"), [...text, "-modules"], { env: environment });
    expect(await check(args)).toContain("ingester");
    const file = path.join(folder, "wrong.yaml");
    await writeFile(file, servers.config(0).replace("max_global_series_per_user", "max_series_of_all"));
    await expect(check([`-config.file=${file}`, "-config.expand-env=true"])).rejects.toThrow(/max_series_of_all/);
  });

  it("finds its other members, and asks three of them for each sample", async () => {
    await until(async () => {
      const answer = await fetch(`${servers.url(2)}/ingester/ring`, { headers: { accept: "application/json" } });
      const { shards } = (await answer.json()) as { shards: { state: string }[] };
      return shards.filter(({ state }) => state === "ACTIVE").length === 3;
    }, "three members in the ring");
  });

  it("gives back at each server what was written to another", { timeout: MINUTES }, async () => {
    await push(0, "# TYPE orders_total counter\norders_total 42\n", { cluster: "demo", service: "shop", job: "shop" });
    for (const server of [0, 1, 2]) {
      const found = await until(async () => {
        const series = await query(server, 'orders_total{service="shop"}');
        return series.length > 0 && series;
      }, `the series at server ${server}`);
      expect(found).toEqual([expect.objectContaining({ cluster: "demo", service: "shop", value: 42 })]);
    }
  });

  it("listens to one of two Prometheus servers that scrape the same", { timeout: MINUTES }, async () => {
    const from = (replica: string) => ({ cluster: "demo", __replica__: replica, job: "pair" });
    const gauge = (name: string) => `# TYPE ${name} gauge\n${name} 1\n`;
    await push(0, gauge("pair_first"), from("prometheus-0"));
    await until(async () => (await query(1, "pair_first")).length > 0, "the sample of the first");
    const duplicates = () => metric(servers.url(0), "cortex_distributor_deduped_samples_total");
    await push(0, gauge("pair_second"), from("prometheus-1"));
    expect(await duplicates()).toBe(1);
    expect(await query(1, "pair_second")).toEqual([]);
    expect((await query(1, "pair_first"))[0]).not.toHaveProperty("__replica__");
  });

  it("answers at the address by which the kubelet asks whether it lives", async () => {
    expect((await fetch(`${servers.url(0)}/api/v1/status/buildinfo`)).status).toBe(200);
  });

  it("writes its blocks into the bucket, with the keys of its environment", { timeout: 3 * MINUTES }, async () => {
    await fetch(`${servers.url(0)}/ingester/flush?wait=true`, { method: "POST" });
    await until(async () => (await mc("find", "store/mimir", "--name", "index")).includes("/index"), "a block", 90);
  });

  it("goes on when one of three is away", { timeout: 2 * MINUTES }, async () => {
    await servers.server(2).stop("SIGKILL");
    await push(0, "# TYPE late gauge\nlate 7\n", { job: "late" });
    expect(await until(async () => (await query(1, "late"))[0], "the sample")).toMatchObject({ value: 7 });
  });

  it("refuses more series than it may have, and says why", { timeout: 2 * MINUTES }, async () => {
    const many = Array.from({ length: 11_000 }, (_, each) => `flood{number="${each}"} 1`).join("\n");
    await expect(push(0, `# TYPE flood gauge\n${many}\n`, { job: "flood" })).rejects.toThrow(/max-series-per-user/);
    const [count] = await query(0, "count(flood)");
    expect(count!.value).toBeGreaterThan(5_000);
    expect(count!.value).toBeLessThanOrEqual(10_000);
  });

  it("exports the metrics that dashboards and alerts ask for", async () => {
    const exported = await (await fetch(`${servers.url(0)}/metrics`)).text();
    const others = await (await fetch(`${servers.url(1)}/metrics`)).text();
    const names = new Set([...`${exported}\n${others}`.matchAll(/^([a-z_]+)(?:{|\s)/gm)].map(([, name]) => name));
    expect(mimirSource.metrics.filter((name) => !names.has(name))).toEqual([]);
  });
});

/** The sum of a metric's series. */
async function metric(url: string, name: string): Promise<number> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split("\n");
  return lines
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}
