import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COLLECTOR, Collector } from "../../components/observability/collector";
import { otelCollectorSource } from "../../components/observability/sources/otel-collector";
import { tempoSource } from "../../components/observability/sources/tempo";
import { Tempo } from "../../components/observability/tempo";
import { startApiServer } from "../../sandbox/bench/api-server";
import { kubectl, tool } from "../../sandbox/bench/kubectl";
import { repository, toolsDirectory } from "../../sandbox/paths";
import { createProgress } from "../../sandbox/progress";
import { ensureTools } from "../../sandbox/tools/build";
import { toolModules } from "../../sandbox/tools/catalog";
import { fakeStores } from "../unit/components/observability/stores";
import { namespaces } from "../unit/components/platform/objects/capabilities";
import { at, type Recorder, record } from "../unit/components/recorder";
import { callGrpc } from "./programs/grpc";
import { ensurePrograms, renderedFile, Server, until } from "./programs/servers";
import { postFrom, randomId, resourceOf, spanNames, spansBody } from "./programs/traces";

const MINUTES = 60_000;
const tempoAddress = "127.88.1.1";
const prometheusAddress = "127.88.1.2";
const collectors = ["127.88.2.1", "127.88.2.2"];
/** A pod of the API server below. */
const podAddress = "127.88.3.1";
const tempoUrl = `http://${tempoAddress}:3200`;
const prometheusUrl = `http://${prometheusAddress}:9090`;

/** Tempo and the collector, as the layer has them; `environment` and the share of traces differ. */
function render(environment: "dev" | "prod", samplingPercent: number, jaeger = false): Promise<Recorder> {
  return record(() => {
    const { metrics, logs } = fakeStores();
    const where = { namespaces: namespaces(environment), cluster: "demo" };
    const tempo = new Tempo("tempo", {
      ...where,
      replicas: 1,
      retentionDays: 7,
      storageClass: "hcloud",
      metrics,
      jaeger,
    });
    const replicas = environment === "prod" ? 2 : 1;
    new Collector({ ...where, replicas, samplingPercent, traces: tempo, metrics, logs, senders: [] });
  });
}

/** The rendered file with loopback's addresses. */
function moved(text: string, replacements: readonly (readonly [string, string])[]): string {
  return replacements.reduce((all, [from, to]) => {
    if (!all.includes(from)) throw new Error(`the rendered file has no "${from}"`);
    return all.replaceAll(from, to);
  }, text);
}

function collectorFile(made: Recorder, address: string): string {
  return moved(renderedFile(made, COLLECTOR.name, "collector.yaml"), [
    ["0.0.0.0", address],
    ["tempo.observability.svc", tempoAddress],
    ["prometheus.observability.svc", prometheusAddress],
    // The account's token is in a file of our own.
    ["auth_type: serviceAccount", "auth_type: kubeConfig"],
  ]);
}

describe("Tempo and the collector, as rendered", () => {
  let folder: string;
  let made: Recorder;
  let api: Awaited<ReturnType<typeof startApiServer>> | undefined;
  let account: string;
  const running: Server[] = [];

  async function start(server: Server, readyUrl: string): Promise<Server> {
    running.push(server);
    await server.start(readyUrl);
    return server;
  }

  async function file(name: string, text: string): Promise<string> {
    const full = path.join(folder, name);
    await writeFile(full, text);
    return full;
  }

  async function apply(name: string, objects: readonly unknown[]): Promise<void> {
    const list = await file(`${name}.json`, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    await kubectl(api!.kubeconfig, ["apply", "--filename", list]);
  }

  beforeAll(async () => {
    await ensureTools(createProgress(process.stderr), toolModules(repository));
    await ensurePrograms("prometheus", "otelcol", "tempo");
    folder = await mkdtemp(path.join(tmpdir(), "orrery-traces-"));
    made = await render("dev", 100);
    await Promise.all([startCluster(), startStores()]);
    await startCollector("collector", made, collectors[0]!);
  }, 20 * MINUTES);

  afterAll(async () => {
    await Promise.all(running.map((server) => server.stop()));
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** An API server with a pod, and the collector's account with its rendered rights and no others. */
  async function startCluster(): Promise<void> {
    api = await startApiServer(path.join(folder, "api-server"));
    const names = ["observability", "automation"];
    await apply(
      "namespaces",
      names.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
    );
    const typed = (kind: string, apiVersion: string) =>
      made.kind(kind).map(({ inputs }) => ({ apiVersion, kind, ...inputs }));
    const rbac = "rbac.authorization.k8s.io/v1";
    await apply("rights", [
      ...typed("ServiceAccount", "v1"),
      ...typed("ClusterRole", rbac),
      ...typed("ClusterRoleBinding", rbac),
    ]);
    const labels = { "app.kubernetes.io/instance": "n8n", "app.kubernetes.io/version": "2.35.7" };
    const metadata = { name: "n8n-7f5c9d8b64-x2x4z", namespace: "automation", labels };
    const containers = [{ name: "n8n", image: "n8n" }];
    const spec = { serviceAccountName: "default", automountServiceAccountToken: false, containers };
    await apply("account", [
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "automation" } },
    ]);
    await apply("pod", [{ apiVersion: "v1", kind: "Pod", metadata, spec }]);
    const status = { phase: "Running", podIP: podAddress, podIPs: [{ ip: podAddress }] };
    const patch = ["--subresource=status", "--type=merge", "--patch", JSON.stringify({ status })];
    await kubectl(api.kubeconfig, ["patch", "pod", metadata.name, "--namespace=automation", ...patch]);
    const token = await kubectl(api.kubeconfig, ["create", "token", COLLECTOR.name, "--namespace=observability"]);
    const config = JSON.parse(readFileSync(api.kubeconfig, "utf8")) as { users: { user: { token: string } }[] };
    config.users[0]!.user.token = token.trim();
    account = await file("collector.kubeconfig", JSON.stringify(config));
  }

  async function startStores(): Promise<void> {
    const config = await file("prometheus.yaml", "global: {}\n");
    const address = `--web.listen-address=${prometheusAddress}:9090`;
    const data = `--storage.tsdb.path=${path.join(folder, "prometheus")}`;
    const takes = ["--web.enable-remote-write-receiver", "--enable-feature=exemplar-storage"];
    const args = [`--config.file=${config}`, address, data, ...takes];
    const tempoConfig = moved(renderedFile(made, "tempo", "tempo.yaml"), [
      ["0.0.0.0", tempoAddress],
      // Alone, it talks with itself at 127.0.0.1, whatever its address: at a port that nobody else has.
      ["9095", "19095"],
      ["prometheus.observability.svc", prometheusAddress],
      ["/var/tempo", path.join(folder, "tempo")],
      // What it says of its blocks, it says after it has looked for them.
      ["backend: local", "backend: local\n    blocklist_poll: 2s"],
      ["http_listen_port: 3200", `http_listen_address: ${tempoAddress}\n  http_listen_port: 3200`],
    ]);
    const tempoFile = await file("tempo.yaml", tempoConfig);
    await Promise.all([
      start(new Server("prometheus", args), `${prometheusUrl}/-/ready`),
      start(
        new Server("tempo", [`-config.file=${tempoFile}`, "-config.expand-env=true"], { POD_IP: tempoAddress }),
        `${tempoUrl}/ready`,
      ),
    ]);
  }

  async function startCollector(name: string, from: Recorder, address: string, more = (text: string) => text) {
    const config = await file(`${name}.yaml`, more(collectorFile(from, address)));
    const environment = { KUBECONFIG: account };
    await tool("otelcol", ["validate", "--config", config], environment);
    await start(new Server("otelcol", ["--config", config], environment), `http://${address}:13133/`);
  }

  async function query(expression: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const answer = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(expression)}`);
    return ((await answer.json()) as { data: { result: [] } }).data.result;
  }

  const send = (from: string, to: string, resource: Record<string, string>, spans: Parameters<typeof spansBody>[1]) =>
    postFrom(from, `http://${to}:4318/v1/traces`, spansBody(resource, spans));

  it("says where a span comes from whose program says nothing, by the pod that sent it", async () => {
    const traceId = randomId(16);
    expect(await send(podAddress, collectors[0]!, {}, [{ traceId, name: "silent" }])).toBe(200);
    const resource = await until(() => resourceOf(tempoUrl, traceId), "the trace in Tempo");
    expect(resource).toMatchObject({
      "service.name": "n8n",
      "service.namespace": "automation",
      "service.version": "2.35.7",
      "k8s.cluster.name": "demo",
      "k8s.namespace.name": "automation",
      "k8s.pod.name": "n8n-7f5c9d8b64-x2x4z",
    });
    expect(Object.keys(resource).filter((key) => key.startsWith("orrery."))).toEqual([]);
  });

  it("names the service where an SDK did not know it, and leaves a name that it was told", async () => {
    for (const [said, expected] of [
      ["unknown_service:node", "n8n"],
      ["shop", "shop"],
    ] as const) {
      const traceId = randomId(16);
      await send(podAddress, collectors[0]!, { "service.name": said }, [{ traceId, name: "named" }]);
      const resource = await until(() => resourceOf(tempoUrl, traceId), "the trace in Tempo");
      expect(resource["service.name"]).toBe(expected);
    }
  });

  it("finds a trace by TraceQL, within what is kept", async () => {
    const traceId = randomId(16);
    await send(podAddress, collectors[0]!, {}, [{ traceId, name: "searched", milliseconds: 1500 }]);
    const ask = encodeURIComponent('{ resource.service.name = "n8n" && name = "searched" && duration > 1s }');
    const found = await until(async () => {
      const answer = await fetch(`${tempoUrl}/api/search?q=${ask}`);
      const { traces } = (await answer.json()) as { traces?: { traceID: string }[] };
      return traces?.[0];
    }, "the search");
    expect(found.traceID.padStart(32, "0")).toBe(traceId);
  });

  it(
    "makes a service graph and figures of spans, with our labels and an example, where the metrics are",
    async () => {
      const traceId = randomId(16);
      const [client, server] = [randomId(8), randomId(8)];
      await send("127.0.0.1", collectors[0]!, { "service.name": "shop" }, [
        { traceId, spanId: client, name: "order", kind: "CLIENT" },
      ]);
      await send(podAddress, collectors[0]!, {}, [
        { traceId, spanId: server, parentSpanId: client, name: "webhook", error: true },
      ]);
      const edge = 'traces_service_graph_request_total{client="shop",server="n8n",cluster="demo"}';
      await until(async () => (await query(edge))[0], "the edge in Prometheus", 90);
      const calls = 'traces_spanmetrics_calls_total{span_name="webhook"}';
      const [figure] = await until(
        async () => {
          const result = await query(calls);
          return result.length > 0 && result;
        },
        "figures of spans in Prometheus",
        90,
      );
      expect(figure?.metric).toMatchObject({
        service: "n8n",
        namespace: "automation",
        version: "2.35.7",
        cluster: "demo",
      });
      const range = `start=${Date.now() / 1000 - 600}&end=${Date.now() / 1000 + 60}`;
      const examples = await until(async () => {
        const what = encodeURIComponent('traces_spanmetrics_latency_bucket{span_name="webhook"}');
        const answer = await fetch(`${prometheusUrl}/api/v1/query_exemplars?query=${what}&${range}`);
        const { data } = (await answer.json()) as { data: { exemplars: { labels: Record<string, string> }[] }[] };
        return data[0]?.exemplars;
      }, "examples");
      expect(examples.flatMap(({ labels }) => Object.values(labels))).toContain(traceId);
    },
    4 * MINUTES,
  );

  it(
    "answers Jaeger's storage API with its services: a trace by its id is broken in 2.8, and mended in 2.10",
    async () => {
      const traceId = randomId(16);
      await send(podAddress, collectors[0]!, {}, [{ traceId, name: "for-jaeger" }]);
      await until(async () => (await spanNames(tempoUrl, traceId)).length === 1, "the trace in Tempo");
      const pod = at(
        (await render("dev", 100, true)).one("Deployment", "tempo-jaeger").inputs,
        "spec",
        "template",
        "spec",
      );
      const list = at(pod, "containers", 1, "env") as { name: string; value: string }[];
      const rendered = Object.fromEntries(list.map(({ name, value }) => [name, value]));
      const address = `${tempoAddress}:7777`;
      const variables = {
        ADDRESS: moved(rendered["ADDRESS"]!, [["127.0.0.1:7777", address]]),
        BACKEND: moved(rendered["BACKEND"]!, [["tempo.observability.svc", tempoAddress]]),
      };
      const program = spawn(path.join(toolsDirectory, "tempo-query"), [], { env: variables, stdio: "ignore" });
      try {
        const reader = "/jaeger.storage.v1.SpanReaderPlugin";
        const services = await until(async () => {
          const answer = await callGrpc(address, `${reader}/GetServices`, Buffer.alloc(0));
          return answer.includes("n8n") && answer;
        }, "services");
        expect(services.toString()).toContain("n8n");
      } finally {
        program.kill();
      }
    },
    2 * MINUTES,
  );

  it("passes metrics on, with our labels on each sample", async () => {
    const now = `${BigInt(Date.now()) * 1_000_000n}`;
    const gauge = { dataPoints: [{ asDouble: 42, timeUnixNano: now }] };
    const scopeMetrics = [{ metrics: [{ name: "orders_open", gauge }] }];
    const body = { resourceMetrics: [{ resource: { attributes: [] }, scopeMetrics }] };
    expect(await postFrom(podAddress, `http://${collectors[0]}:4318/v1/metrics`, body)).toBe(200);
    const [sample] = await until(async () => {
      const result = await query("orders_open");
      return result.length > 0 && result;
    }, "the sample in Prometheus");
    expect(sample?.value[1]).toBe("42");
    expect(sample?.metric).toMatchObject({
      cluster: "demo",
      namespace: "automation",
      service: "n8n",
      version: "2.35.7",
      pod: "n8n-7f5c9d8b64-x2x4z",
    });
  });

  it(
    "export every metric that alerts and dashboards ask for",
    async () => {
      const names = async (url: string) =>
        new Set(
          (await (await fetch(url)).text())
            .split("\n")
            .flatMap((line) => /^(?:# TYPE )?([a-zA-Z_:][a-zA-Z0-9_:]*)/.exec(line)?.[1] ?? []),
        );
      await fetch(`${tempoUrl}/flush`, { method: "POST" });
      const own = tempoSource.metrics.filter((name) => !name.startsWith("traces_"));
      await until(async () => {
        const tempo = await names(`${tempoUrl}/metrics`);
        const missing = own.filter((name) => !tempo.has(name));
        if (missing.length > 0) throw new Error(missing.join(", "));
        return true;
      }, "every metric of Tempo");
      const collector = await names(`http://${collectors[0]}:8888/metrics`);
      expect(otelCollectorSource.metrics.filter((name) => !collector.has(name))).toEqual([]);
      const written = async (name: string) => (await query(`count({__name__="${name}"})`)).length > 0;
      const generated = tempoSource.metrics.filter((name) => name.startsWith("traces_"));
      for (const name of generated) expect(await written(name), name).toBe(true);
    },
    2 * MINUTES,
  );

  it(
    "with two collectors, decides upon whole traces: an error keeps what another collector took",
    async () => {
      await running.at(-1)!.stop();
      const sampled = await render("prod", 0.01);
      const peers = collectors.map((address) => `          - ${address}:4320`).join("\n");
      const balanced = (text: string) =>
        text.replace(
          / {6}k8s:\n {8}service: otel-collector\.observability\n {8}ports:\n {10}- 4320/,
          `      static:\n        hostnames:\n${peers}`,
        );
      await Promise.all(
        collectors.map((address, index) => startCollector(`sampled-${index}`, sampled, address, balanced)),
      );
      const [failed, fine] = [randomId(16), randomId(16)];
      for (const traceId of [failed, fine]) {
        await send(podAddress, collectors[0]!, {}, [{ traceId, name: "first" }]);
        await send(podAddress, collectors[1]!, {}, [{ traceId, name: "second", error: traceId === failed }]);
      }
      const slow = randomId(16);
      await send(podAddress, collectors[1]!, {}, [{ traceId: slow, name: "slow", milliseconds: 5000 }]);
      await until(async () => (await spanNames(tempoUrl, failed)).length === 2, "both spans of the failed trace");
      expect(await spanNames(tempoUrl, failed)).toEqual(["first", "second"]);
      await until(async () => (await spanNames(tempoUrl, slow)).length === 1, "the slow trace");
      expect(await spanNames(tempoUrl, fine)).toEqual([]);
    },
    4 * MINUTES,
  );
});
