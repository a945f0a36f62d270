import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { charts } from "../../components/kit/charts";
import { denied } from "../../components/observability/exporters/kube-state-metrics";
import { nodeExporterValues } from "../../components/observability/exporters/node-exporter";
import { type ApiServer, startApiServer } from "../../sandbox/bench/api-server";
import { repository } from "../../sandbox/paths";
import { createProgress } from "../../sandbox/progress";
import { ensureTools } from "../../sandbox/tools/build";
import { testToolModules, toolModules } from "../../sandbox/tools/catalog";
import { createEnvironment, testSettings } from "../unit/components/environment";
import { at } from "../unit/components/recorder";
import { Cluster } from "./programs/cluster";
import { argumentsOf, objectOf, renderRelease } from "./programs/nats";
import { ensurePrograms, Server } from "./programs/servers";

const MINUTES = 60_000;

const text = async (url: string) => (await fetch(url)).text();

describe("node-exporter with the chart's arguments", () => {
  const page = "http://127.84.90.5:9100";
  const args = nodeExporterValues()["extraArgs"] as string[];
  const exporter = new Server("node_exporter", [
    ...["--path.procfs=/proc", "--path.sysfs=/sys", "--path.rootfs=/", `--web.listen-address=${new URL(page).host}`],
    ...args,
  ]);

  beforeAll(async () => {
    await ensurePrograms("node-exporter");
    await exporter.start(`${page}/metrics`);
  }, 10 * MINUTES);

  afterAll(() => exporter.stop());

  it("starts, leaves the interfaces of pods out, and needs less memory than it asks for", async () => {
    const metrics = await text(`${page}/metrics`);
    expect(metrics).toMatch(/^node_cpu_seconds_total\{/m);
    expect(metrics).toMatch(/^node_timex_sync_status /m);
    expect(metrics).not.toMatch(/device="(veth|lxc|cilium_)/);
    expect(metrics).not.toMatch(/mountpoint="\/proc/);
    expect(metrics).not.toMatch(/^node_(softnet|xfs|nfs)_/m);
    const asked = at(nodeExporterValues(), "resources", "requests", "memory");
    expect(await exporter.memoryMiB()).toBeLessThan(Number.parseInt(String(asked), 10));
  });
});

const known = testToolModules(repository).some(({ name }) => name === "kube-state-metrics");

describe.skipIf(!known)("kube-state-metrics with the chart's arguments, at a real API server", () => {
  const host = "127.84.90.6";
  let folder: string;
  let api: ApiServer | undefined;
  let exporter: Server | undefined;
  let metrics: string;

  beforeAll(async () => {
    const tools = ["kubernetes", "etcd", "helm", "kube-state-metrics"];
    const modules = [...toolModules(repository), ...testToolModules(repository)];
    await ensureTools(
      createProgress(process.stderr),
      modules.filter(({ name }) => tools.includes(name)),
    );
    folder = await mkdtemp(path.join(tmpdir(), "orrery-kube-state-metrics-"));
    const { made } = await createEnvironment(testSettings("dev", undefined, { observability: { enabled: true } }));
    api = await startApiServer(path.join(folder, "api-server"));
    const cluster = new Cluster(api, folder);
    const labels = { "app.kubernetes.io/instance": "shop", "pod-template-hash": "1" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "shop", image: "shop" }] } };
    await cluster.apply("objects", [
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "apps", labels: { "orrery.dev/owner": "team", "team.example.com/secret": "no" } },
      },
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "apps" } },
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "shop", namespace: "apps" },
        spec: { replicas: 3, selector: { matchLabels: labels }, template },
      },
      { apiVersion: "v1", kind: "Pod", metadata: { name: "shop-0", namespace: "apps", labels }, spec: template.spec },
    ]);
    const release = await renderRelease(made, "kube-state-metrics", charts.kubeStateMetrics, folder);
    const args = argumentsOf(objectOf(release, "Deployment"), "kube-state-metrics");
    exporter = new Server("kube-state-metrics", [
      ...args,
      ...[`--host=${host}`, `--telemetry-host=${host}`, `--kubeconfig=${api.kubeconfig}`],
    ]);
    await exporter.start(`http://${host}:8081/readyz`);
    metrics = await text(`http://${host}:8080/metrics`);
  }, 10 * MINUTES);

  afterAll(async () => {
    await exporter?.stop();
    await api?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }, MINUTES);

  it("counts objects, and bears the labels that it may", () => {
    expect(metrics).toContain('kube_deployment_spec_replicas{namespace="apps",deployment="shop"} 3');
    expect(metrics).toMatch(/^kube_namespace_labels\{namespace="apps",label_orrery_dev_owner="team"\} 1$/m);
    expect(metrics).toMatch(/^kube_pod_labels\{.*label_app_kubernetes_io_instance="shop"/m);
    expect(metrics).not.toMatch(/pod_template_hash|team_example_com/);
  });

  it("has nothing of what is denied, and nothing of Secrets", () => {
    const names = [...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    const deny = new RegExp(`^(?:${denied.join("|")})$`);
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => deny.test(name))).toEqual([]);
    expect(names.filter((name) => /^kube_(secret|configmap)/.test(name))).toEqual([]);
  });

  it("needs less memory than it asks for in dev", async () => {
    expect(await exporter!.memoryMiB()).toBeLessThan(64);
  });
});
