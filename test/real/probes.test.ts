import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server as HttpsServer } from "node:https";
import { createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { Probes, type ProbeTarget } from "../../components/observability/probes";
import { toolsDirectory } from "../../sandbox/paths";
import { issueCertificate, type KeyPair } from "../../sandbox/stand-ins/operators/certificates";
import { namespaces } from "../unit/components/platform/objects/capabilities";
import { at, kindOf, type Recorder, record } from "../unit/components/recorder";
import { run } from "./programs/cache";
import { ensurePrograms, renderedFile, Server, until } from "./programs/servers";

/** The gateway's load balancer, the exporter, and Prometheus. */
const gateway = "127.88.1.1";
const exporter = "127.88.1.2:9115";
const prometheus = "127.88.1.3:9090";
const HTTPS = 8443;
const TCP = 8432;
const MINUTES = 60_000;

const route = (name: string, more: Partial<ProbeTarget> = {}): ProbeTarget => ({
  address: `https://${name}.test.example.com:${HTTPS}/`,
  module: "route",
  service: name,
  severity: "critical",
  throughGateway: true,
  ...more,
});

const targets: readonly ProbeTarget[] = [
  route("flows"),
  route("moved"),
  route("broken"),
  // The gateway has no certificate for it.
  route("stranger"),
  route("hooks", { module: "machines", address: `https://flows.test.example.com:${HTTPS}/webhook/` }),
  route("console", { module: "sign_in", severity: "warning" }),
  // Everybody is let in where somebody should have to sign in.
  route("hole", { module: "sign_in" }),
  { ...route("postgres", { module: "tcp_connect" }), address: `test.example.com:${TCP}` },
  { ...route("kafka", { module: "tcp_connect" }), address: `test.example.com:${TCP + 1}` },
];

/** What the gateway answers, by the name that it is asked for. */
const answers: Readonly<Record<string, readonly [status: number, headers: Record<string, string>]>> = {
  flows: [200, {}],
  moved: [308, { location: "https://elsewhere.example.com/" }],
  broken: [503, {}],
  stranger: [200, {}],
  console: [302, { location: "https://login.test.example.com/" }],
  hole: [200, {}],
};

class Anything extends pulumi.ComponentResource {}

function render(): Promise<Recorder> {
  return record(() => {
    const made = new Anything("test:index:Made", "made");
    new Probes("blackbox-exporter", {
      namespaces: namespaces("dev"),
      targets,
      intervalSeconds: 60,
      operator: made,
      gateway: {
        address: gateway,
        trust: { by: "authority", authority: { configMap: "internal-ca", ready: made } },
      },
    });
  });
}

interface Probe {
  readonly module: string;
  readonly jobName: string;
  readonly prober: { readonly path: string };
  readonly targets: {
    readonly staticConfig: {
      readonly static: readonly string[];
      readonly relabelingConfigs: readonly Readonly<Record<string, unknown>>[];
    };
  };
}

/** The scrape job that the Prometheus operator makes of a Probe, in the order in which it does. */
function jobOf(name: string, { module, prober, targets: { staticConfig } }: Probe) {
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return {
    job_name: name,
    metrics_path: prober.path,
    params: { module: [module] },
    static_configs: [{ targets: staticConfig.static, labels: { namespace: "observability" } }],
    relabel_configs: [
      { source_labels: ["__address__"], target_label: "__param_target" },
      { source_labels: ["__param_target"], target_label: "instance" },
      { target_label: "__address__", replacement: exporter },
      ...staticConfig.relabelingConfigs.map((each) =>
        Object.fromEntries(Object.entries(each).map(([key, value]) => [snake(key), value])),
      ),
    ],
  };
}

describe("probes, as rendered", () => {
  let folder: string;
  let made: Recorder;
  let page: HttpsServer;
  let port: TcpServer;
  const running: Server[] = [];

  async function startGateway({ certificatePem: cert, privateKeyPem: key }: KeyPair): Promise<void> {
    page = createServer({ cert, key }, ({ headers, url }, response) => {
      const [name = ""] = (headers.host ?? "").split(".");
      const [status, more] = url === "/webhook/" ? [404, {}] : (answers[name] ?? [404, {}]);
      response.writeHead(status, more).end("said by the gateway");
    });
    port = createTcpServer((socket) => socket.end());
    await new Promise<void>((resolve) => page.listen(HTTPS, gateway, resolve));
    await new Promise<void>((resolve) => port.listen(TCP, gateway, resolve));
  }

  beforeAll(async () => {
    await ensurePrograms("blackbox-exporter", "prometheus");
    folder = await mkdtemp(path.join(tmpdir(), "orrery-probes-"));
    made = await render();
    const usual = { isAuthority: false, validDays: 30 };
    const authority = await issueCertificate({ ...usual, commonName: "authority", dnsNames: [], isAuthority: true });
    const dnsNames = ["flows", "moved", "broken", "console", "hole"].map((name) => `${name}.test.example.com`);
    await startGateway(await issueCertificate({ ...usual, commonName: "gateway", dnsNames }, authority));

    await writeFile(path.join(folder, "ca.crt"), authority.certificatePem);
    const config = path.join(folder, "blackbox.yml");
    const rendered = renderedFile(made, "blackbox-exporter", "blackbox.yml");
    expect(rendered).toContain("/etc/ssl/internal/ca.crt");
    await writeFile(config, rendered.replaceAll("/etc/ssl/internal", folder));

    const probes = made.objects().filter((each) => kindOf(each) === "Probe");
    const jobs = probes.map(({ name, inputs }) => jobOf(name, at(inputs, "spec") as unknown as Probe));
    const scrapes = path.join(folder, "prometheus.yml");
    const global = { scrape_interval: "1s", scrape_timeout: "1s" };
    await writeFile(scrapes, stringify({ global, scrape_configs: jobs }));

    const start = async (binary: string, args: string[], url: string) => {
      const server = new Server(binary, args);
      running.push(server);
      await server.start(url);
    };
    const own = [`--config.file=${config}`, `--web.listen-address=${exporter}`];
    await start("blackbox_exporter", own, `http://${exporter}/-/healthy`);
    await start(
      "prometheus",
      [
        `--config.file=${scrapes}`,
        `--storage.tsdb.path=${path.join(folder, "data")}`,
        `--web.listen-address=${prometheus}`,
      ],
      `http://${prometheus}/-/ready`,
    );
  }, 10 * MINUTES);

  afterAll(async () => {
    await Promise.all(running.map((server) => server.stop()));
    page?.close();
    port?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("have a configuration that the exporter takes", async () => {
    const checked = run(path.join(toolsDirectory, "blackbox_exporter"), [
      `--config.file=${path.join(folder, "blackbox.yml")}`,
      "--config.check",
    ]);
    await expect(checked).resolves.toBeDefined();
  });

  it(
    "tell which route answers as it should, at the gateway's address and with its certificate",
    async () => {
      interface Result {
        readonly metric: Readonly<Record<string, string>>;
        readonly value: readonly [number, string];
      }
      const asked = async () => {
        const response = await fetch(`http://${prometheus}/api/v1/query?query=probe_success`);
        const { data } = (await response.json()) as { data: { result: Result[] } };
        return data.result.length === targets.length && data.result;
      };
      const results = await until(asked, "every route is asked");
      const bySelf = Object.fromEntries(results.map(({ metric, value }) => [metric["service"], value[1]]));
      expect(bySelf).toEqual({
        flows: "1",
        moved: "1",
        broken: "0",
        stranger: "0",
        hooks: "1",
        console: "1",
        hole: "0",
        postgres: "1",
        kafka: "0",
      });
      const labelled = Object.fromEntries(results.map(({ metric }) => [metric["service"], metric]));
      expect(labelled["flows"]).toMatchObject({
        instance: `https://flows.test.example.com:${HTTPS}/`,
        route: `flows.test.example.com:${HTTPS}/`,
        severity: "critical",
      });
      expect(labelled["console"]).toMatchObject({ severity: "warning" });
      expect(labelled["postgres"]).toMatchObject({
        instance: `test.example.com:${TCP}`,
        route: `test.example.com:${TCP}`,
      });
    },
    2 * MINUTES,
  );

  it(
    "says until when the certificate holds",
    async () => {
      const query = encodeURIComponent('probe_ssl_earliest_cert_expiry{service="flows"} - time()');
      const expiry = async () => {
        const response = await fetch(`http://${prometheus}/api/v1/query?query=${query}`);
        const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
        return data.result[0]?.value[1];
      };
      const days = Number(await until(expiry, "the certificate's end is known")) / 86_400;
      expect(days).toBeGreaterThan(29);
      expect(days).toBeLessThan(31);
    },
    MINUTES,
  );
});
