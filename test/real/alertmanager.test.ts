import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AlertmanagerReceiver, secretOf } from "../../components/observability/alertmanager/receivers";
import { receiversDirectory } from "../../components/observability/alertmanager/spec";
import { repository, toolsDirectory } from "../../sandbox/paths";
import { createProgress } from "../../sandbox/progress";
import { ensureTools } from "../../sandbox/tools/build";
import { testToolModules } from "../../sandbox/tools/catalog";
import { renderAlertmanager } from "../unit/components/observability/alertmanager/support";
import { at } from "../unit/components/recorder";

const MINUTES = 60_000;
const ADDRESS = "127.84.93.1";
const execute = promisify(execFile);

const receivers: readonly AlertmanagerReceiver[] = [
  { name: "pager", type: "webhook", urlSecret: "pager-url" },
  { name: "team", type: "webhook", urlSecret: "team-url" },
  { name: "deadman", type: "webhook", urlSecret: "deadman-url" },
  { name: "chat", type: "slack", channel: "#alerts", urlSecret: "chat-url" },
  { name: "duty", type: "pagerduty", routingKeySecret: "duty-key" },
  {
    name: "mail",
    type: "email",
    to: "on-call@example.com",
    from: "alerts@example.com",
    smarthost: "smtp.example.com:587",
    username: "alerts",
    passwordSecret: "mail-password",
  },
];
/** Beside the routes that are tried here, so that each kind of receiver is in the configuration. */
const routes = { critical: ["pager", "chat"], warning: ["team"], watchdog: ["deadman"] };

interface Told {
  readonly receiver: string;
  readonly body: { status: string; alerts: { status: string; labels: Record<string, string> }[]; text?: string };
}

/** Stands in for all receivers: says who was told of what. */
async function startDouble(told: Told[]): Promise<Server> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      told.push({ receiver: request.url?.slice(1) ?? "", body: JSON.parse(Buffer.concat(parts).toString("utf8")) });
      response.end("ok");
    });
  });
  server.listen(0, ADDRESS);
  await once(server, "listening");
  return server;
}

async function until<T>(what: string, probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const end = Date.now() + MINUTES;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`It did not come to pass: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe("the rendered configuration in a real Alertmanager", () => {
  const url = `http://${ADDRESS}:19093`;
  const told: Told[] = [];
  let folder: string;
  let config: string;
  let double: Server;
  let server: ChildProcess;

  const amtool = async (...args: string[]) =>
    (await execute(path.join(toolsDirectory, "amtool"), args, { cwd: folder })).stdout.trim();

  const post = (alerts: readonly object[]) =>
    fetch(`${url}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(alerts),
    });

  /** As a rule of ours labels it. */
  const alert = (alertname: string, severity: string, labels: Record<string, string> = {}) => ({
    labels: { alertname, severity, area: "kafka", service: "kafka", namespace: "kafka", cluster: "demo", ...labels },
    annotations: { summary: `${alertname} it is.`, description: "Measured 1.", runbook_url: "https://runbooks.test" },
  });

  beforeAll(async () => {
    const wanted = testToolModules(repository).filter(({ name }) => name === "alertmanager");
    await ensureTools(createProgress(process.stderr), wanted);
    folder = await mkdtemp(path.join(tmpdir(), "orrery-alertmanager-"));
    double = await startDouble(told);
    const { port } = double.address() as AddressInfo;

    const made = await renderAlertmanager({ receivers, routes, replicas: 3 });
    const secrets = path.join(folder, "secrets");
    await mkdir(secrets);
    for (const receiver of receivers) {
      await writeFile(path.join(secrets, secretOf(receiver)), `http://${ADDRESS}:${port}/${receiver.name}`);
    }
    const text = String(at(made.one("Secret", "alertmanager-config").inputs, "stringData", "alertmanager.yaml"));
    expect(text).toContain(receiversDirectory("alertmanager"));
    config = path.join(folder, "alertmanager.yaml");
    // Where the files are is the one difference; and nobody waits half a minute for a group here.
    const local = text
      .replaceAll(receiversDirectory("alertmanager"), secrets)
      .replaceAll(/group_wait: \S+/g, "group_wait: 0s")
      .replaceAll(/group_interval: \S+/g, "group_interval: 1s");
    await writeFile(config, local);
    server = spawn(
      path.join(toolsDirectory, "alertmanager"),
      [
        `--config.file=${config}`,
        `--storage.path=${folder}`,
        `--web.listen-address=${ADDRESS}:19093`,
        "--cluster.listen-address=",
      ],
      { stdio: "ignore" },
    );
    await until("Alertmanager is ready", async () => {
      const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
      return answer?.ok === true ? true : undefined;
    });
  }, 15 * MINUTES);

  afterAll(async () => {
    if (server !== undefined && server.exitCode === null) {
      server.kill();
      await once(server, "exit");
    }
    double?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("amtool check-config accepts it, with receivers of every kind", async () => {
    const said = await amtool("check-config", config);
    expect(said).toContain("SUCCESS");
    expect(said).toContain(`${receivers.length + 1} receivers`);
  });

  it.each([
    ["severity=critical", "pager,chat"],
    ["severity=warning", "team"],
    ["alertname=Watchdog severity=none", "deadman"],
    ["severity=unknown", "nobody"],
  ])("%s goes to %s", async (labels, expected) => {
    expect(await amtool("config", "routes", "test", `--config.file=${config}`, ...labels.split(" "))).toBe(expected);
  });

  it("an alert arrives where its severity leads, with its labels; the others hear nothing", async () => {
    expect((await post([alert("KafkaHeapFull", "warning", { namespace: "first" })])).ok).toBe(true);
    const { body } = await until("the team is told", () => told.find(({ receiver }) => receiver === "team"));
    expect(body.alerts[0]?.labels).toMatchObject({ alertname: "KafkaHeapFull", severity: "warning", area: "kafka" });
    expect(told.filter(({ receiver }) => receiver !== "team")).toEqual([]);
  });

  it("a critical alert reaches both of its receivers, and mutes the warning of the same service", async () => {
    await post([alert("KafkaOfflinePartitions", "critical")]);
    await until("the pager rings", () => told.find(({ receiver }) => receiver === "pager"));
    const { body } = await until("the chat says so", () => told.find(({ receiver }) => receiver === "chat"));
    // Slack's own format, with the alert's labels and the way to its runbook.
    expect(JSON.stringify(body)).toContain("KafkaOfflinePartitions it is.");
    expect(JSON.stringify(body)).toContain("<https://runbooks.test|Runbook>");
    expect(JSON.stringify(body)).toContain("severity critical, Measured 1.");
    await post([alert("KafkaHeapFull", "warning"), alert("KafkaHeapFull", "warning", { namespace: "other" })]);
    const seen = await until("one of the warnings is muted", async () => {
      const alerts = (await (await fetch(`${url}/api/v2/alerts?receiver=team`)).json()) as {
        labels: Record<string, string>;
        status: { state: string; inhibitedBy: string[] };
      }[];
      const muted = alerts.filter(({ status }) => status.inhibitedBy.length > 0);
      return muted.length > 0 ? { muted, alerts } : undefined;
    });
    expect(seen.muted.map(({ labels }) => labels.namespace)).toEqual(["kafka"]);
  });

  it("a node that is gone mutes its pods, and no others", async () => {
    const pod = (node: string) => alert("PodNotReady", "warning", { area: "workloads", service: "workloads", node });
    await post([
      alert("NodeNotReady", "critical", { area: "kubernetes", service: "kubernetes", node: "a", namespace: "" }),
      pod("a"),
      pod("b"),
    ]);
    const muted = await until("its pod is muted", async () => {
      const alerts = (await (await fetch(`${url}/api/v2/alerts?filter=alertname="PodNotReady"`)).json()) as {
        labels: Record<string, string>;
        status: { inhibitedBy: string[] };
      }[];
      const found = alerts.filter(({ status }) => status.inhibitedBy.length > 0);
      return found.length > 0 ? found : undefined;
    });
    expect(muted.map(({ labels }) => labels.node)).toEqual(["a"]);
  });

  it("the alert that always fires reaches who waits for it", async () => {
    await post([{ labels: { alertname: "Watchdog", severity: "none", area: "observability" } }]);
    const { body } = await until("the dead man's switch hears", () =>
      told.find(({ receiver }) => receiver === "deadman"),
    );
    expect(body.alerts[0]?.labels.alertname).toBe("Watchdog");
  });
});
