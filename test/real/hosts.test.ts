import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { Collector } from "../../components/observability/collector";
import { HOSTS_PORT } from "../../components/observability/collector/hosts";
import { OutsideHosts } from "../../components/observability/hosts";
import { Loki } from "../../components/observability/loki";
import { fakeStores } from "../unit/components/observability/stores";
import { namespaces } from "../unit/components/platform/objects/capabilities";
import { at, type Recorder, record } from "../unit/components/recorder";
import { LokiServers } from "./programs/loki";
import { ensurePrograms, renderedFile, Server } from "./programs/servers";

const MINUTES = 60_000;
const network = "127.84.95";
const collectorAddress = `${network}.9`;

function render(): Promise<Recorder> {
  return record(() => {
    const spaces = namespaces();
    const limits = { retentionDays: 14, ingestionMiBPerSecond: 8, maxStreams: 10_000 };
    const logs = new Loki("loki", { namespaces: spaces, storageGiB: 20, storageClass: "hcloud", ...limits });
    const hosts = new OutsideHosts("outside-hosts", { namespaces: spaces, cluster: "demo", hosts: ["nas", "router"] });
    const { metrics } = fakeStores();
    new Collector({
      namespaces: spaces,
      cluster: "demo",
      replicas: 1,
      metrics,
      logs,
      senders: [],
      parts: [hosts.part],
    });
  });
}

/** The hosts' own way through the rendered collector: the pods' way asks the Kubernetes API, and is left out. */
function hostsOnly(made: Recorder, folder: string): string {
  const config = parse(renderedFile(made, "otel-collector", "collector.yaml")) as {
    receivers: Record<string, object>;
    processors: Record<string, object>;
    service: { telemetry: object; pipelines: Record<string, { receivers: string[] }> };
  };
  const { pipelines } = config.service;
  for (const [name, { receivers }] of Object.entries(pipelines)) {
    if (!receivers.every((receiver) => receiver === "otlp/hosts")) delete pipelines[name];
  }
  delete config.receivers["otlp"];
  delete config.processors["k8s_attributes"];
  delete config.processors["transform/origin"];
  return stringify(config, { aliasDuplicateObjects: false })
    .replaceAll("0.0.0.0", collectorAddress)
    .replaceAll("loki.observability.svc", `${network}.1`)
    .replaceAll("/etc/otel-hosts", folder);
}

describe("the way in for machines outside the cluster, as rendered", () => {
  let folder: string;
  let loki: LokiServers;
  let collector: Server;
  let tokens: string[];

  /** What an agent on a machine sends, with what it claims of itself. */
  async function send(token: string | undefined, claims: Record<string, string>, line: string): Promise<number> {
    const attributes = Object.entries(claims).map(([key, stringValue]) => ({ key, value: { stringValue } }));
    const logRecords = [{ body: { stringValue: line }, severityText: "ERROR", severityNumber: 17 }].map((each) => ({
      ...each,
      timeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
    }));
    const answer = await fetch(`http://${collectorAddress}:${HOSTS_PORT.port}/v1/logs`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] }),
    });
    return answer.status;
  }

  beforeAll(async () => {
    await ensurePrograms("loki", "otelcol");
    folder = await mkdtemp(path.join(tmpdir(), "orrery-hosts-"));
    const made = await render();
    await mkdir(path.join(folder, "loki"));
    loki = new LokiServers(made, path.join(folder, "loki"), network);
    const secret = String(at(made.one("Secret", "outside-hosts-tokens").inputs, "stringData", "tokens"));
    tokens = secret.trim().split("\n");
    await writeFile(path.join(folder, "tokens"), secret);
    const file = path.join(folder, "collector.yaml");
    await writeFile(file, hostsOnly(made, folder));
    collector = new Server("otelcol", ["--config", file]);
    await Promise.all([loki.start(0), collector.start(`http://${collectorAddress}:13133/`)]);
  }, 20 * MINUTES);

  afterAll(async () => {
    await collector?.stop("SIGKILL");
    await loki?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it("is closed to whoever has no token", async () => {
    expect(await send(undefined, { "host.name": "nas" }, "no token")).toBe(401);
    expect(await send("guessed", { "host.name": "nas" }, "a wrong one")).toBe(401);
  });

  it("takes each machine's token, and says which machine and unit it was", { timeout: MINUTES }, async () => {
    expect(tokens).toHaveLength(2);
    for (const [index, name] of ["nas", "router"].entries()) {
      const claims = { "host.name": name, "service.name": "sshd" };
      expect(await send(tokens[index], claims, `from ${name}`)).toBe(200);
      const [found] = await loki.lines(0, `{namespace="hosts", node="${name}"}`, 1);
      expect(found).toMatchObject({
        line: `from ${name}`,
        labels: { cluster: "demo", namespace: "hosts", service: "sshd", node: name, level: "error" },
      });
    }
  });

  it("believes no machine that says it is a pod of the cluster", { timeout: MINUTES }, async () => {
    const claims = {
      "host.name": "nas",
      "service.name": "gateway",
      "k8s.cluster.name": "another",
      "k8s.namespace.name": "gateway",
      "k8s.pod.name": "gateway-0",
      "k8s.node.name": "demo-general-1",
    };
    expect(await send(tokens[0], claims, "let me in")).toBe(200);
    const [found] = await loki.lines(0, '{service="gateway"}', 1);
    expect(found?.labels).toMatchObject({ cluster: "demo", namespace: "hosts", node: "nas" });
    expect(found?.labels).not.toHaveProperty("pod");
  });
});
