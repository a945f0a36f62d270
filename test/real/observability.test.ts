import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server as HttpServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataSources } from "../../components/observability/grafana/data-sources";
import { createEnvironment, testSettings } from "../unit/components/environment";
import { at, type Recorder } from "../unit/components/recorder";
import { Layer } from "./programs/layer";
import { until } from "./programs/servers";
import { postFrom, randomId, resourceOf, spanNames, spansBody } from "./programs/traces";

const MINUTES = 60_000;
const PAGE = { address: "127.89.6.1", port: 8080 };
const CLUSTER = "test";

/** What the variables of `telemetry.traces` and the pod itself make a program say. */
const shop = {
  "service.name": "shop",
  "service.namespace": "apps",
  "service.version": "1.4.0",
  "k8s.namespace.name": "apps",
  "k8s.pod.name": "shop-0",
};
const labels = { namespace: "apps", service: "shop", version: "1.4.0", pod: "shop-0" };

/** The one request of which all three signals speak. */
const traceId = randomId(16);
const [requestSpan, callSpan, stockSpan] = [randomId(8), randomId(8), randomId(8)];

const attributes = (all: Readonly<Record<string, string>>) =>
  Object.entries(all).map(([key, stringValue]) => ({ key, value: { stringValue } }));
const now = () => `${BigInt(Date.now()) * 1_000_000n}`;

/** The environment's Grafana: how it leads from one signal to the others. */
const sources = dataSources({
  metrics: { url: "metrics", kind: "mimir", scrapeIntervalSeconds: 30 },
  logs: { url: "logs" },
  traces: { url: "traces" },
});
const optionsOf = (type: string) => sources.find((source) => source.type === type)!.jsonData;

describe("metric, log and trace of one request, through the rendered layer", () => {
  let folder: string;
  let layer: Layer;
  let page: HttpServer;

  /** What an instant query of Mimir answers. */
  async function metrics(expression: string): Promise<Record<string, string>[]> {
    const url = `${layer.mimir.url(0)}/prometheus/api/v1/query?query=${encodeURIComponent(expression)}`;
    const { data } = (await (await fetch(url)).json()) as { data: { result: { metric: Record<string, string> }[] } };
    return data.result.map(({ metric }) => metric);
  }

  /** Labels of the examples that Mimir keeps of a metric. */
  async function examples(expression: string): Promise<Record<string, string>[]> {
    const range = `start=${Date.now() / 1000 - 600}&end=${Date.now() / 1000 + 60}`;
    const url = `${layer.mimir.url(0)}/prometheus/api/v1/query_exemplars?query=${encodeURIComponent(expression)}&${range}`;
    const { data } = (await (await fetch(url)).json()) as {
      data: { exemplars: { labels: Record<string, string> }[] }[];
    };
    return data.flatMap(({ exemplars }) => exemplars.map((each) => each.labels));
  }

  async function render(): Promise<Recorder> {
    const observability = { enabled: true, metrics: { longTerm: { enabled: true } } };
    const settings = testSettings("dev", {}, { observability, objects: { kind: "minio" } });
    return (await createEnvironment(settings)).made;
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "orrery-layer-"));
    page = createServer((_request, response) => {
      const example = `# {trace_id="${traceId}"} 1 ${Date.now() / 1000}`;
      response.writeHead(200, { "content-type": "application/openmetrics-text; version=1.0.0" });
      response.end(`# TYPE checkouts counter\ncheckouts_total{outcome="refused"} 1 ${example}\n# EOF\n`);
    });
    await once(page.listen(PAGE.port, PAGE.address), "listening");
    layer = new Layer(await render(), folder, { address: `${PAGE.address}:${PAGE.port}`, labels });
    await layer.start();
    await tell();
  }, 20 * MINUTES);

  afterAll(async () => {
    await layer?.stop();
    page?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** The request: shop asks stock, fails, says so in its log, and counts it. */
  async function tell(): Promise<void> {
    const send = async (signal: string, body: object) =>
      expect(await postFrom("127.0.0.1", `${layer.otlpUrl}/v1/${signal}`, body)).toBe(200);
    await send(
      "traces",
      spansBody(shop, [
        { traceId, spanId: requestSpan, name: "POST /checkout", error: true },
        { traceId, spanId: callSpan, parentSpanId: requestSpan, name: "reserve", kind: "CLIENT" },
      ]),
    );
    const stock = { ...shop, "service.name": "stock", "k8s.pod.name": "stock-0" };
    await send("traces", spansBody(stock, [{ traceId, spanId: stockSpan, parentSpanId: callSpan, name: "reserve" }]));
    const body = { stringValue: "payment refused" };
    const record = { timeUnixNano: now(), severityNumber: 17, body, traceId, spanId: requestSpan };
    const resource = { attributes: attributes(shop) };
    await send("logs", { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] });
    const gauge = { dataPoints: [{ asDouble: 3, timeUnixNano: now() }] };
    const scopeMetrics = [{ metrics: [{ name: "carts_open", gauge }] }];
    await send("metrics", { resourceMetrics: [{ resource, scopeMetrics }] });
  }

  it("leads from the trace to its log line, by the query that Grafana is given", { timeout: 2 * MINUTES }, async () => {
    const resource = await until(() => resourceOf(layer.tempoUrl, traceId), "the trace");
    await until(async () => (await spanNames(layer.tempoUrl, traceId)).length === 3, "three spans");
    const link = optionsOf("tempo")["tracesToLogsV2"] as { query: string; tags: { key: string; value: string }[] };
    const tags = link.tags.map(({ key, value }) => `${value}="${resource[key]}"`);
    const query = link.query
      .replaceAll("$$", "$")
      .replace("${__tags}", tags.join(", "))
      .replace("${__trace.traceId}", traceId);
    expect(query).toBe(`{cluster="${CLUSTER}", namespace="apps", service="shop"} | trace_id="${traceId}"`);
    const [found] = await layer.loki.lines(0, query, 1);
    expect(found).toMatchObject({
      line: "payment refused",
      labels: { cluster: CLUSTER, ...labels, level: "error", span_id: requestSpan },
    });
  });

  it("leads from the log line to its trace, by the label that Grafana makes a link of", async () => {
    const [line] = await layer.loki.lines(0, `{cluster="${CLUSTER}", service="shop"}`, 1);
    const fields = optionsOf("loki")["derivedFields"] as { matcherType?: string; matcherRegex: string }[];
    const [link] = fields.filter(({ matcherType }) => matcherType === "label");
    const [name] = Object.keys(line!.labels).filter((each) => new RegExp(link!.matcherRegex).test(each));
    expect(await spanNames(layer.tempoUrl, line!.labels[name!]!)).toEqual(["POST /checkout", "reserve", "reserve"]);
  });

  it("leads from a scraped metric to its trace, by the example that it bears", { timeout: 2 * MINUTES }, async () => {
    const [example] = await until(async () => {
      const found = await examples("checkouts_total");
      return found.length > 0 && found;
    }, "the example in Mimir");
    const links = optionsOf("prometheus")["exemplarTraceIdDestinations"] as { name: string }[];
    const link = links.find(({ name }) => name in example!);
    expect(await resourceOf(layer.tempoUrl, example![link!.name]!)).toMatchObject(shop);
  });

  it("leads from a scraped metric to the service's logs, by its labels", { timeout: 2 * MINUTES }, async () => {
    const [metric] = await until(async () => {
      const found = await metrics("checkouts_total");
      return found.length > 0 && found;
    }, "the metric in Mimir");
    expect(metric).toMatchObject({ cluster: CLUSTER, ...labels });
    const selector = ["cluster", "namespace", "service"].map((name) => `${name}="${metric![name]}"`).join(", ");
    expect((await layer.loki.lines(0, `{${selector}}`, 1)).map(({ line }) => line)).toEqual(["payment refused"]);
  });

  it("gives what comes over OTLP the same labels as what is scraped", async () => {
    const [metric] = await until(async () => {
      const found = await metrics("carts_open");
      return found.length > 0 && found;
    }, "the metric in Mimir");
    expect(metric).toMatchObject({ cluster: CLUSTER, ...labels });
  });

  it("makes of the spans who asks whom, and figures that lead back", { timeout: 4 * MINUTES }, async () => {
    const edge = `traces_service_graph_request_total{client="shop",server="stock",cluster="${CLUSTER}"}`;
    await until(async () => (await metrics(edge)).length > 0, "the edge in Mimir", 120);
    const links = optionsOf("tempo")["tracesToMetrics"] as { queries: { name: string; query: string }[] };
    const query = links.queries
      .find(({ name }) => name === "Errors")!
      .query.replaceAll("$$", "$")
      .replace("$__tags", 'service="shop"')
      .replace("rate(", "(")
      .replace("[$__rate_interval]", "");
    const found = await until(
      async () => {
        const result = await metrics(query);
        return result.length > 0 && result;
      },
      "figures of spans in Mimir",
      120,
    );
    expect(found).toEqual([{ span_name: "POST /checkout" }]);
    const ids = await until(async () => {
      const all = await examples('traces_spanmetrics_latency_bucket{service="shop"}');
      return all.length > 0 && all.flatMap((each) => Object.values(each));
    }, "examples of spans");
    expect(ids).toContain(traceId);
  });

  it("keeps each part within the memory that it asks for", async () => {
    const { made } = layer;
    const limits = (name: string, kind = "StatefulSet") =>
      Number(
        /^(\d+)Mi$/.exec(
          String(
            at(
              made.one(kind, name).inputs,
              "spec",
              "template",
              "spec",
              "containers",
              0,
              "resources",
              "limits",
              "memory",
            ),
          ),
        )![1],
      );
    const used = {
      mimir: await layer.mimir.server(0).memoryMiB(),
      loki: await layer.loki.server(0).memoryMiB(),
      tempo: await layer.servers.tempo!.memoryMiB(),
      "otel-collector": await layer.servers.collector!.memoryMiB(),
    };
    for (const [name, memory] of Object.entries(used)) {
      const kind = name === "otel-collector" ? "Deployment" : "StatefulSet";
      expect(memory, name).toBeLessThan(limits(name, kind));
    }
  });
});
