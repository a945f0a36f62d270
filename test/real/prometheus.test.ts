import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { charts } from "../../components/kit/charts";
import { type ApiServer, startApiServer } from "../../sandbox/bench/api-server";
import { shapes } from "../../sandbox/charts";
import { renderChart } from "../../sandbox/charts/render";
import { repository } from "../../sandbox/paths";
import { createProgress } from "../../sandbox/progress";
import { desiredPrometheus } from "../../sandbox/stand-ins/operators/prometheus/prometheus";
import { ensureTools } from "../../sandbox/tools/build";
import { testToolModules, toolModules } from "../../sandbox/tools/catalog";
import { parseSettings, readStackFile } from "../../stacks/settings";
import { createEnvironment } from "../unit/components/environment";
import { at, kindOf, type Recorder } from "../unit/components/recorder";
import { shared } from "../unit/components/shared";
import { observing } from "../unit/sandbox/stand-ins/observed";
import { Cluster } from "./programs/cluster";
import { argumentsOf, certificateFor, objectOf, renderRelease } from "./programs/nats";
import {
  configOf,
  localConfig,
  MetricsPage,
  metadataOf,
  namedBy,
  type PrometheusConfig,
  promtool,
  writeFiles,
} from "./programs/prometheus-operator";
import { Server, until } from "./programs/servers";

const definitions = shared("crds", "the Prometheus operator with its own definitions");
const MINUTES = 60_000;
const OPERATOR = { address: "127.84.90.1", port: 8080 };
const PROMETHEUS = "http://127.84.90.2:9090";
const NODE = { name: "worker-1", address: "192.0.2.10", here: "127.84.90.3" };
const POD = { name: "n8n-0", namespace: "automation", address: "127.84.90.4" };
const NAMESPACE = "observability";

const operatorModule = testToolModules(repository).find(({ name }) => name === "prometheus-operator");
const monitorKinds = ["PodMonitor", "ServiceMonitor", "Probe"];

/** prod as it is in the repository. */
async function rendered(): Promise<Recorder> {
  const { made } = await createEnvironment(
    parseSettings(readStackFile(readFileSync(path.join(repository, "Pulumi.prod.yaml"), "utf8"))),
  );
  return made;
}

describe.skipIf(operatorModule === undefined || definitions === undefined)("the real operator and Prometheus", () => {
  let folder: string;
  let made: Recorder;
  let api: ApiServer | undefined;
  let cluster: Cluster;
  let config: PrometheusConfig;
  const servers: Server[] = [];
  const pages: MetricsPage[] = [];

  const objects = (...kinds: string[]) =>
    made
      .objects()
      .filter((each) => kinds.includes(kindOf(each)))
      .map(({ inputs }) => inputs);

  beforeAll(async () => {
    const tools = ["kubernetes", "etcd", "helm", "prometheus", "prometheus-operator"];
    const modules = [...toolModules(repository), ...testToolModules(repository)];
    await ensureTools(
      createProgress(process.stderr),
      modules.filter(({ name }) => tools.includes(name)),
    );
    folder = await mkdtemp(path.join(tmpdir(), "orrery-prometheus-"));
    made = await rendered();
    api = await startApiServer(path.join(folder, "api-server"));
    cluster = new Cluster(api, folder);
    await prepareCluster();
    await startOperator();
    config = parse(await operatorsConfig()) as PrometheusConfig;
  }, 20 * MINUTES);

  /** Everything that the operator looks at, with the objects that monitors name. */
  async function prepareCluster(): Promise<void> {
    const shape = shapes.find(({ chart }) => chart === charts.prometheusOperator.name)!;
    const files = Object.entries(renderChart(shape, charts.prometheusOperator.version, definitions));
    await cluster.apply(
      "definitions",
      files.filter(([name]) => name.startsWith("crds/")).map(([, text]) => JSON.parse(text) as unknown),
    );
    await cluster.apply("namespaces", objects("Namespace"));
    const { cert } = await certificateFor(["authority.test"], []);
    const monitors = objects(...monitorKinds);
    const classes = [...new Set(objects("PersistentVolumeClaim").map((each) => at(each, "spec", "storageClassName")))];
    await cluster.apply("needs", [
      ...classes.map((name) => ({
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name },
        provisioner: "test",
      })),
      ...namedBy(monitors, cert),
      { apiVersion: "v1", kind: "Node", metadata: { name: NODE.name } },
    ]);
    await cluster.status(
      { kind: "node", name: NODE.name },
      {
        addresses: [{ type: "InternalIP", address: NODE.address }],
        conditions: [{ type: "Ready", status: "True" }],
      },
    );
    const account = ["ServiceAccount", "ClusterRole", "ClusterRoleBinding"];
    await cluster.apply(
      "account",
      objects(...account).filter((each) => metadataOf(each).name === "prometheus"),
    );
    await cluster.apply("monitors", [...monitors, ...objects("PrometheusRule")]);
    await cluster.apply("prometheus", objects("Prometheus"));
  }

  /** With the arguments and the permissions that the chart gives it. */
  async function startOperator(): Promise<void> {
    const release = await renderRelease(made, "prometheus-operator", charts.prometheusOperator, folder);
    await cluster.apply(
      "operator",
      release.filter(({ kind }) => ["ServiceAccount", "ClusterRole", "ClusterRoleBinding"].includes(kind)),
    );
    const kubeconfig = await cluster.kubeconfigOf("prometheus-operator", "prometheus-system");
    const { address, port } = OPERATOR;
    const args = argumentsOf(objectOf(release, "Deployment"), "kube-prometheus-stack").map((argument) =>
      argument.replace("=:8080", `=${address}:${port}`),
    );
    const operator = new Server("prometheus-operator", args, { KUBECONFIG: kubeconfig });
    servers.push(operator);
    await operator.start(`http://${address}:${port}/healthz`);
  }

  /** Once every monitor is in it. */
  async function operatorsConfig(): Promise<string> {
    const names = objects(...monitorKinds).map(metadataOf);
    return until(
      async () => {
        const text = configOf(await cluster.get("secret", "prometheus-prometheus", NAMESPACE));
        const missing = names.find(({ name, namespace }) => !text?.includes(`/${namespace}/${name}`));
        if (missing !== undefined) throw new Error(`${missing.namespace}/${missing.name} is not in the configuration`);
        return text;
      },
      "the operator's configuration",
      120,
    ).catch((error: Error) => {
      throw new Error(
        `${error.message}\n${servers[0]!.log
          .split("\n")
          .filter((line) => !/level=INFO/.test(line))
          .slice(-30)
          .join("\n")}`,
      );
    });
  }

  afterAll(async () => {
    for (const server of servers.reverse()) await server.stop();
    for (const page of pages) page.close();
    await api?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }, MINUTES);

  it("takes the Prometheus as it is, and every monitor", async () => {
    const conditions = await until(async () => {
      const found = (await cluster.get("prometheus", "prometheus", NAMESPACE))?.status;
      const all = at(found, "conditions") as { type: string; status: string; message?: string }[] | undefined;
      return all?.find(({ type, status }) => type === "Reconciled" && status === "True") && all;
    }, "Reconciled");
    expect(conditions.find(({ type }) => type === "Reconciled")?.message ?? "").toBe("");
    const jobs = config.scrape_configs.map(({ job_name }) => job_name.split("/").slice(0, 3).join("/").toLowerCase());
    const wanted = objects(...monitorKinds).map((each) =>
      [String(each["kind"]), metadataOf(each).namespace, metadataOf(each).name].join("/").toLowerCase(),
    );
    expect(new Set(jobs)).toEqual(new Set(wanted));
  });

  it("makes pods as the stand-in of the sandbox does", async () => {
    const set = await cluster.get("statefulset", "prometheus-prometheus", NAMESPACE);
    const resource = (await cluster.get("prometheus", "prometheus", NAMESPACE)) as never;
    const classes = objects("PersistentVolumeClaim").map((each) => ({
      kind: "StorageClass",
      metadata: { name: String(at(each, "spec", "storageClassName")) },
    }));
    const ours = desiredPrometheus(resource, observing(classes)).objects?.find(({ kind }) => kind === "StatefulSet");
    const same = (...keys: (string | number)[]) =>
      expect(at(ours, "spec", ...keys), keys.join(".")).toEqual(at(set?.spec, ...keys));
    same("serviceName");
    same("replicas");
    same("selector");
    same("podManagementPolicy");
    same("template", "metadata", "labels");
    same("template", "spec", "automountServiceAccountToken");
    same("template", "spec", "securityContext");
    same("template", "spec", "serviceAccountName");
    same("template", "spec", "priorityClassName");
    const containers = (of: unknown, which: string) =>
      (at(of, "template", "spec", which) as unknown[]).map((each) => ({
        name: at(each, "name"),
        image: at(each, "image"),
        ports: at(each, "ports"),
        securityContext: at(each, "securityContext"),
      }));
    for (const which of ["containers", "initContainers"]) {
      expect(containers(at(ours, "spec"), which)).toEqual(containers(set?.spec, which));
    }
    const claim = (of: unknown) => at(of, "volumeClaimTemplates", 0, "metadata");
    expect(at(claim(set?.spec), "name")).toBe("data");
    expect(at(claim(set?.spec), "labels")).toEqual(at(claim(at(ours, "spec")), "labels"));
    const service = await cluster.get("service", "prometheus-operated", NAMESPACE);
    expect(at(service?.spec, "ports", 0)).toMatchObject({ name: "web", port: 9090 });
  });

  it("makes a configuration and rules that promtool accepts", async () => {
    const kubeconfig = await cluster.kubeconfigOf("prometheus", NAMESPACE);
    const text = configOf(await cluster.get("secret", "prometheus-prometheus", NAMESPACE))!;
    await writeFiles(
      path.join(folder, "certs"),
      await cluster.get("secret", "prometheus-prometheus-tls-assets-0", NAMESPACE),
    );
    const rulesMap = "prometheus-prometheus-rulefiles-0";
    const rules = await writeFiles(
      path.join(folder, "rules", rulesMap),
      await cluster.get("configmap", rulesMap, NAMESPACE),
    );
    expect(rules.length).toBe(objects("PrometheusRule").length);
    await mkdir(path.join(folder, "account"), { recursive: true });
    await writeFile(path.join(folder, "account/token"), "kubelet-token");
    await writeFile(path.join(folder, "account/ca.crt"), (await certificateFor(["kubernetes"], [])).cert);
    await writeFile(
      path.join(folder, "prometheus.yaml"),
      localConfig(text, { folder, kubeconfig, addresses: { [NODE.address]: NODE.here }, everySeconds: 2 }),
    );
    expect(await promtool("check", "config", path.join(folder, "prometheus.yaml"))).toContain("SUCCESS");
    expect(await promtool("check", "rules", ...rules)).toContain("SUCCESS");
  });

  it("sends what it should where it should, with the labels that it should", () => {
    expect(config.global).toMatchObject({
      external_labels: { cluster: "orrery-prod", __replica__: "$(POD_NAME)" },
      scrape_interval: "30s",
    });
    const urls = (config.remote_write ?? []).map(({ url }) => url);
    const expected = at(made.one("Prometheus", "prometheus").inputs, "spec", "remoteWrite", 0, "url");
    expect(urls).toEqual([expected]);
    // Alertmanager must take the alerts of both servers for the same ones.
    expect(JSON.stringify(config.alerting?.alert_relabel_configs)).toContain("__replica__");
    for (const scrape of config.scrape_configs) {
      expect(JSON.stringify(scrape.relabel_configs), scrape.job_name).toContain('"replacement":"orrery-prod"');
    }
  });

  describe("Prometheus with that configuration", () => {
    const pod = new MetricsPage({ "/metrics": "n8n_workflows_total 7\n" });
    const kubeletPages = {
      "/metrics": ["kubelet_running_pods 12", "kubelet_unimportant_total 3", ""].join("\n"),
      "/metrics/cadvisor": [
        'container_cpu_usage_seconds_total{container="n8n",id="/a",image="x",name="y",namespace="automation",pod="n8n-0"} 5',
        'container_cpu_usage_seconds_total{container="",id="/b",image="",name="",namespace="automation",pod="n8n-0"} 6',
        'container_cpu_usage_seconds_total{container="",id="/",image="",name="",namespace="",pod=""} 7',
        'container_network_receive_bytes_total{id="/c",interface="lxc1",namespace="automation",pod="n8n-0"} 8',
        'container_network_receive_bytes_total{id="/c",interface="eth0",namespace="automation",pod="n8n-0"} 9',
        "machine_cpu_cores 8",
        "",
      ].join("\n"),
    };
    let kubelet: MetricsPage;

    async function query(text: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
      const url = `${PROMETHEUS}/api/v1/query?query=${encodeURIComponent(text)}`;
      const answer = (await (await fetch(url)).json()) as { data: { result: never[] } };
      return answer.data.result;
    }

    const one = (text: string) => until(async () => (await query(text))[0], text, 90);

    beforeAll(async () => {
      kubelet = new MetricsPage(kubeletPages, await certificateFor(["nobody-knows-it"], []));
      pages.push(pod, kubelet);
      const monitor = made.one("PodMonitor", "n8n-http").inputs;
      const port = made.kind("Deployment").find(({ inputs }) => metadataOf(inputs).name === "n8n")!;
      const container = at(port.inputs, "spec", "template", "spec", "containers", 0) as {
        name: string;
        ports: { name: string; containerPort: number }[];
      };
      const { containerPort } = container.ports.find(
        ({ name }) => name === at(monitor, "spec", "podMetricsEndpoints", 0, "port"),
      )!;
      await pod.listen(POD.address, containerPort);
      await kubelet.listen(NODE.here, 10250);
      await cluster.apply("pods", [
        { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: POD.namespace } },
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { ...POD, address: undefined, labels: at(port.inputs, "spec", "template", "metadata", "labels") },
          spec: {
            automountServiceAccountToken: false,
            nodeName: NODE.name,
            securityContext: at(port.inputs, "spec", "template", "spec", "securityContext"),
            containers: [
              {
                name: container.name,
                image: "n8n:1",
                ports: container.ports,
                securityContext: at(container, "securityContext"),
              },
            ],
          },
        },
      ]);
      const ready = { type: "Ready", status: "True" };
      await cluster.status(
        { kind: "pod", name: POD.name, namespace: POD.namespace },
        { phase: "Running", podIP: POD.address, podIPs: [{ ip: POD.address }], conditions: [ready] },
      );
      const spec = at(made.one("Prometheus", "prometheus").inputs, "spec") as { enableFeatures: string[] };
      const file = path.join(folder, "prometheus.yaml");
      const server = new Server("prometheus", [
        `--config.file=${file}`,
        `--storage.tsdb.path=${path.join(folder, "data")}`,
        `--web.listen-address=${new URL(PROMETHEUS).host}`,
        `--enable-feature=${spec.enableFeatures.join(",")}`,
      ]);
      servers.push(server);
      await server.start(`${PROMETHEUS}/-/ready`);
    }, 3 * MINUTES);

    it(
      "finds a pod by its monitor, and says whose series they are",
      async () => {
        const { metric } = await one("n8n_workflows_total");
        const version = at(
          made.kind("Deployment").find(({ inputs }) => metadataOf(inputs).name === "n8n")!.inputs,
          "metadata",
          "labels",
          "app.kubernetes.io/version",
        );
        expect(metric).toMatchObject({
          cluster: "orrery-prod",
          namespace: "automation",
          service: "n8n",
          version,
          pod: "n8n-0",
        });
      },
      2 * MINUTES,
    );

    it(
      "asks the kubelets that the operator lists, with its account's token, and keeps what matters",
      async () => {
        const { metric } = await one("kubelet_running_pods");
        expect(metric).toMatchObject({ cluster: "orrery-prod", service: "kubelet", job: "kubelet", node: NODE.name });
        expect(kubelet.asked.every(({ authorization }) => authorization === "Bearer kubelet-token")).toBe(true);
        const cpu = await one("container_cpu_usage_seconds_total");
        expect(cpu.metric).toMatchObject({ namespace: "automation", pod: "n8n-0", container: "n8n", node: NODE.name });
        expect(await query("container_cpu_usage_seconds_total")).toHaveLength(1);
        expect((await query("container_network_receive_bytes_total")).map((each) => each.metric["interface"])).toEqual([
          "eth0",
        ]);
        expect(await query("machine_cpu_cores")).toHaveLength(1);
        expect(await query("kubelet_unimportant_total")).toEqual([]);
      },
      2 * MINUTES,
    );

    it(
      "has every rule group of the program, and evaluates them",
      async () => {
        interface Group {
          readonly name: string;
          readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[];
        }
        const groups = await until(
          async () => {
            const answer = (await (await fetch(`${PROMETHEUS}/api/v1/rules`)).json()) as { data: { groups: Group[] } };
            const all = answer.data.groups;
            return all.every(({ rules }) => rules.every(({ health }) => health !== "unknown")) && all;
          },
          "every rule is evaluated",
          90,
        );
        const wanted = objects("PrometheusRule").flatMap((each) => at(each, "spec", "groups") as { name: string }[]);
        expect(groups.map(({ name }) => name).sort()).toEqual(wanted.map(({ name }) => name).sort());
        const broken = groups.flatMap(({ rules }) => rules).filter(({ health }) => health !== "ok");
        expect(broken.map(({ name, lastError }) => `${name}: ${lastError}`)).toEqual([]);
      },
      2 * MINUTES,
    );
  });
});
