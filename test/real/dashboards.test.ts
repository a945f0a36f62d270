import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dashboards } from "../../stacks/observed/dashboards";
import { panelsOf, targetsOf } from "../unit/observability/dashboards/check";
import { ensurePrograms, Server } from "./programs/servers";

const prometheus = "127.91.1.1:9090";
const loki = "127.91.1.2:3100";

/** What Grafana puts in place of variables. */
const VALUES: Readonly<Record<string, string>> = { $__rate_interval: "5m", $__auto: "5m", $__range: "3h" };

function asked(query: string): string {
  const timed = Object.entries(VALUES).reduce((text, [name, value]) => text.replaceAll(name, value), query);
  return timed.replaceAll(/\$\{?[a-z]\w*\}?/g, "x");
}

/** Every query of this kind: `uid: panel` and what is asked. */
function queries(type: string): (readonly [string, string])[] {
  return Object.values(dashboards)
    .flat()
    .flatMap((definition) =>
      panelsOf(definition.build())
        .filter(({ datasource }) => datasource?.type === type)
        .flatMap((panel) =>
          targetsOf(panel).map(
            ({ expr = "", refId }) => [`${definition.uid}: ${panel.title} ${refId}`, asked(expr)] as const,
          ),
        ),
    );
}

/** The queries that the server does not take, with what it says. */
async function refused(all: readonly (readonly [string, string])[], url: string): Promise<string[]> {
  const problems: string[] = [];
  for (const [name, query] of all) {
    const answer = await fetch(`${url}?${new URLSearchParams({ query })}`);
    if (!answer.ok) problems.push(`${name}: ${await answer.text()} (${query})`);
  }
  return problems;
}

/** One Loki in memory, with a store in a folder. */
const lokiConfig = (folder: string) => `auth_enabled: false
server: { http_listen_address: ${loki.split(":")[0]}, http_listen_port: 3100, grpc_listen_address: 127.91.1.2, grpc_listen_port: 9095 }
common:
  instance_addr: 127.91.1.2
  path_prefix: ${folder}/loki
  replication_factor: 1
  ring: { kvstore: { store: inmemory } }
  storage: { filesystem: { chunks_directory: ${folder}/chunks, rules_directory: ${folder}/rules } }
schema_config:
  configs: [{ from: 2024-01-01, store: tsdb, object_store: filesystem, schema: v13, index: { prefix: index_, period: 24h } }]
analytics: { reporting_enabled: false }
`;

describe("what dashboards ask", () => {
  let folder: string;
  const servers: Server[] = [];

  beforeAll(async () => {
    await ensurePrograms("prometheus", "loki");
    folder = await mkdtemp(path.join(tmpdir(), "dashboards-"));
    const file = (name: string) => path.join(folder, name);
    await writeFile(file("prometheus.yml"), "global: {}\n");
    await writeFile(file("loki.yml"), lokiConfig(folder));
    const first = new Server("prometheus", [
      `--config.file=${file("prometheus.yml")}`,
      `--web.listen-address=${prometheus}`,
      `--storage.tsdb.path=${file("tsdb")}`,
    ]);
    const second = new Server("loki", [`-config.file=${file("loki.yml")}`]);
    servers.push(first, second);
    await Promise.all([first.start(`http://${prometheus}/-/ready`), second.start(`http://${loki}/ready`)]);
  }, 600_000);

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  it("Prometheus understands", async () => {
    const all = queries("prometheus");
    expect(all.length).toBeGreaterThan(300);
    expect(await refused(all, `http://${prometheus}/api/v1/query`)).toEqual([]);
  }, 60_000);

  it("Loki understands", async () => {
    const all = queries("loki");
    expect(all.length).toBeGreaterThan(20);
    expect(await refused(all, `http://${loki}/loki/api/v1/query_range`)).toEqual([]);
  }, 60_000);
});
