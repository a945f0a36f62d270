import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Namespaces } from "../../components/kit/namespace";
import { Grafana } from "../../components/observability/grafana";
import { dashboards } from "../../stacks/observed/dashboards";
import { at, record } from "../unit/components/recorder";
import { panelsOf, targetsOf } from "../unit/observability/dashboards/check";
import { ensurePrograms, renderedFile, Server, until } from "./programs/servers";

const prometheus = "127.91.2.1:9090";
const loki = "127.91.2.2:3100";
const tempo = "127.91.2.3:3200";
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const shop = { cluster: "demo", namespace: "apps", service: "shop" };
/** What the resource of a span says, as Grafana has it from Tempo. */
const resource = { "k8s.cluster.name": "demo", "k8s.namespace.name": "apps", "service.name": "shop" };

interface Tag {
  readonly key: keyof typeof resource;
  readonly value: string;
}

/** The data sources as Grafana reads them out of the rendered ConfigMap: `$$` is a dollar in its files. */
async function dataSources(): Promise<Record<string, unknown>> {
  const made = await record(
    () =>
      new Grafana("grafana", {
        namespaces: new Namespaces({ environment: "dev" }, {}),
        dataSources: {
          metrics: { url: `http://${prometheus}`, kind: "prometheus", scrapeIntervalSeconds: 30 },
          logs: { url: `http://${loki}` },
          traces: { url: `http://${tempo}` },
        },
        stores: [],
        dashboards: [],
      }),
  );
  const file = renderedFile(made, "grafana", "orrery.yaml").replaceAll("$$", "$");
  const { datasources } = JSON.parse(file) as { datasources: { uid: string; jsonData: unknown }[] };
  return Object.fromEntries(datasources.map(({ uid, jsonData }) => [uid, jsonData]));
}

/** What Grafana puts in place of `$__tags` for a span. */
const tagsOf = (tags: readonly Tag[]) => tags.map(({ key, value }) => `${value}="${resource[key]}"`).join(", ");

const lokiConfig = (folder: string) => `auth_enabled: false
server: { http_listen_address: 127.91.2.2, http_listen_port: 3100, grpc_listen_address: 127.91.2.2, grpc_listen_port: 9095 }
common:
  instance_addr: 127.91.2.2
  path_prefix: ${folder}/loki
  replication_factor: 1
  ring: { kvstore: { store: inmemory } }
  storage: { filesystem: { chunks_directory: ${folder}/chunks, rules_directory: ${folder}/rules } }
schema_config:
  configs: [{ from: 2024-01-01, store: tsdb, object_store: filesystem, schema: v13, index: { prefix: index_, period: 24h } }]
analytics: { reporting_enabled: false }
`;

const tempoConfig = (folder: string) => `target: all
server: { http_listen_address: 127.91.2.3, http_listen_port: 3200, grpc_listen_address: 127.0.0.1, grpc_listen_port: 29096 }
distributor: { receivers: { otlp: { protocols: { http: { endpoint: "127.91.2.3:4318" } } } } }
ingester: { lifecycler: { address: 127.0.0.1, ring: { kvstore: { store: inmemory }, replication_factor: 1 } } }
querier: { frontend_worker: { frontend_address: "127.0.0.1:29096" } }
storage: { trace: { backend: local, wal: { path: ${folder}/wal }, local: { path: ${folder}/blocks } } }
usage_report: { reporting_enabled: false }
`;

describe("Grafana's data sources, as rendered", () => {
  let folder: string;
  let sources: Record<string, unknown>;
  const servers: Server[] = [];

  beforeAll(async () => {
    await ensurePrograms("prometheus", "loki", "tempo");
    sources = await dataSources();
    folder = await mkdtemp(path.join(tmpdir(), "orrery-grafana-"));
    const file = async (name: string, text: string) => {
      await writeFile(path.join(folder, name), text);
      return path.join(folder, name);
    };
    const start = async (name: string, args: string[], ready: string) => {
      const server = new Server(name, args);
      servers.push(server);
      await server.start(`http://${ready}`);
    };
    const config = await file("prometheus.yml", "global: {}\n");
    const storage = `--storage.tsdb.path=${path.join(folder, "tsdb")}`;
    await Promise.all([
      start(
        "prometheus",
        [`--config.file=${config}`, `--web.listen-address=${prometheus}`, storage],
        `${prometheus}/-/ready`,
      ),
      start("loki", [`-config.file=${await file("loki.yml", lokiConfig(folder))}`], `${loki}/ready`),
      start("tempo", [`-config.file=${await file("tempo.yml", tempoConfig(folder))}`], `${tempo}/ready`),
    ]);
  }, 600_000);

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it("find the lines of a span's trace in Loki, of its service alone, and the trace in each of them", async () => {
    const now = `${BigInt(Date.now()) * 1_000_000n}`;
    const line = (text: string, trace: string) => [now, text, { trace_id: trace }];
    const streams = [
      { stream: shop, values: [line("no stock", TRACE), line("another request", "1".repeat(32))] },
      { stream: { ...shop, service: "mail" }, values: [line("not of this service", TRACE)] },
    ];
    const pushed = await fetch(`http://${loki}/loki/api/v1/push`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ streams }),
    });
    expect(pushed.status).toBe(204);
    const { query, tags } = at(sources["traces"], "tracesToLogsV2") as { query: string; tags: Tag[] };
    const asked = query.replace("${__tags}", tagsOf(tags)).replace("${__trace.traceId}", TRACE);
    const found = await until(async () => {
      const answer = await fetch(`http://${loki}/loki/api/v1/query_range?${new URLSearchParams({ query: asked })}`);
      const { data } = (await answer.json()) as {
        data: { result: { stream: Record<string, string>; values: string[][] }[] };
      };
      return data.result.length > 0 && data.result;
    }, "lines of the trace");
    expect(found.flatMap(({ values }) => values.map(([, text]) => text))).toEqual(["no stock"]);
    const [field] = at(sources["logs"], "derivedFields") as { matcherRegex: string }[];
    const label = Object.keys(found[0]!.stream).find((name) => new RegExp(field!.matcherRegex).test(name));
    expect(found[0]!.stream[label!]).toBe(TRACE);
  }, 90_000);

  it("ask Prometheus for a span's metrics in words that it understands", async () => {
    const { queries, tags } = at(sources["traces"], "tracesToMetrics") as { queries: { query: string }[]; tags: Tag[] };
    expect(queries.length).toBeGreaterThan(3);
    for (const { query } of queries) {
      const asked = query.replaceAll("$__tags", tagsOf(tags)).replaceAll("$__rate_interval", "5m");
      const answer = await fetch(`http://${prometheus}/api/v1/query?${new URLSearchParams({ query: asked })}`);
      expect(await answer.json(), asked).toMatchObject({ status: "success" });
    }
  });

  it("ask Tempo for traces in words that it understands, in every dashboard", async () => {
    const all = Object.values(dashboards)
      .flat()
      .flatMap((definition) => panelsOf(definition.build()))
      .filter(({ datasource }) => datasource?.type === "tempo")
      .flatMap(targetsOf)
      .filter(({ queryType }) => queryType === "traceql")
      .map(({ query = "" }) => query.replaceAll(/\$\{?[a-z]\w*\}?/g, ".+"));
    expect(all.length).toBeGreaterThan(1);
    const search = (q: string) => fetch(`http://${tempo}/api/search?${new URLSearchParams({ q })}`);
    for (const query of new Set(all)) {
      const answer = await search(query);
      expect([answer.status, answer.ok ? "" : await answer.text()], query).toEqual([200, ""]);
    }
    expect((await search('{resource.service.name=~".+" && status ==}')).status).toBe(400);
  });
});
