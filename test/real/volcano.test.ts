import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Volcano } from "../../components/inference/batch";
import { Namespaces } from "../../components/kit/namespace";
import { type ApiServer, startApiServer } from "../../sandbox/bench/api-server";
import { repository } from "../../sandbox/paths";
import { at, type Recorder, record } from "../unit/components/recorder";
import { Cluster, type ClusterObject } from "./programs/cluster";
import { ensurePrograms, Server, until } from "./programs/servers";

const HEALTH = "127.63.8.1";
const NAMESPACE = "ml";
const run = promisify(execFile);

interface Pod extends ClusterObject {
  readonly spec: { readonly nodeName?: string };
}

interface PodGroup extends ClusterObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string }[] };
}

/** The definitions stand in the Go module of which the programs are built. */
async function definitions(): Promise<string[]> {
  const cwd = path.join(repository, "sandbox", "tools", "volcano");
  const env = { ...process.env, GOFLAGS: "-mod=mod" };
  const { stdout } = await run("go", ["list", "-m", "-f", "{{.Dir}}", "volcano.sh/volcano"], { cwd, env });
  const chart = path.join(stdout.trim(), "installer/helm/chart/volcano");
  const folders = ["crd/bases", "charts/jobflow/crd/bases"].map((folder) => path.join(chart, folder));
  const files = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).map((file) => path.join(folder, file))),
  );
  return files.flat();
}

const node = (name: string, gpus: number) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" } },
  resources: { cpu: "16", memory: "64Gi", pods: "110", "nvidia.com/gpu": String(gpus) },
});

/** A job whose workers each need a GPU, and need each other. */
const job = (name: string, workers: number, queue: string, namespace = NAMESPACE) => ({
  apiVersion: "batch.volcano.sh/v1alpha1",
  kind: "Job",
  metadata: { name, namespace },
  spec: {
    minAvailable: workers,
    schedulerName: "volcano",
    queue,
    tasks: [
      {
        name: "worker",
        replicas: workers,
        template: {
          spec: {
            restartPolicy: "Never",
            containers: [
              { name: "train", image: "train:1", resources: { limits: { cpu: "1", "nvidia.com/gpu": "1" } } },
            ],
          },
        },
      },
    ],
  },
});

describe("Volcano's own scheduler and controllers", { timeout: 180_000 }, () => {
  let folder: string;
  let api: ApiServer;
  let cluster: Cluster;
  let made: Recorder;
  const programs: Server[] = [];

  const spec = (kind: string, name: string) => at(made.one(kind, name).inputs, "spec");

  const podsOf = async (name: string) =>
    (await cluster.list<Pod>("pods", NAMESPACE)).filter((pod) => pod.metadata.name.startsWith(`${name}-`));

  const nodesOf = async (name: string) =>
    (await podsOf(name)).flatMap(({ spec: { nodeName } }) => (nodeName === undefined ? [] : [nodeName]));

  /** All workers have a node. */
  const runs = (name: string, workers: number) =>
    until(async () => (await nodesOf(name)).length === workers, `${name} has ${workers} nodes`);

  /** The scheduler has looked at it, and says that it finds no place. */
  const waits = (name: string) =>
    until(async () => {
      const groups = await cluster.list<PodGroup>("podgroups", NAMESPACE);
      const conditions = groups.find(({ metadata }) => metadata.name.startsWith(`${name}-`))?.status?.conditions;
      return conditions?.some(({ type }) => type === "Unschedulable");
    }, `${name} finds no place`);

  beforeAll(async () => {
    await ensurePrograms("volcano");
    folder = await mkdtemp(path.join(tmpdir(), "orrery-volcano-"));
    api = await startApiServer(path.join(folder, "api"));
    cluster = new Cluster(api, folder);
    made = await record(
      () =>
        new Volcano("volcano", {
          charts: {},
          namespaces: new Namespaces({ environment: "dev" }, {}),
          queues: [
            { name: "training", weight: 2, reclaimable: true, devices: ["nvidia.com/gpu"], namespaces: ["ml"] },
            { name: "small", weight: 1, reclaimable: true, gpus: 1, devices: ["nvidia.com/gpu"], namespaces: [] },
          ],
        }),
    );
    await prepare();
  }, 900_000);

  async function prepare(): Promise<void> {
    await cluster.define(await definitions());
    for (const name of [NAMESPACE, "apps", "volcano-system"]) {
      await cluster.apply(`namespace-${name}`, [
        { apiVersion: "v1", kind: "Namespace", metadata: { name } },
        { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: name } },
      ]);
    }
    for (const { resources, ...body } of [node("gpu-1", 2), node("gpu-2", 3)]) {
      await cluster.apply(body.metadata.name, [body]);
      const conditions = [{ type: "Ready", status: "True", reason: "KubeletReady" }];
      await cluster.status(
        { kind: "node", name: body.metadata.name },
        { capacity: resources, allocatable: resources, conditions },
      );
      await cluster.apply(body.metadata.name, [{ ...body, spec: { taints: [] } }]);
    }
    const configuration = path.join(folder, "scheduler.conf");
    await writeFile(
      configuration,
      String(at(made.releases()[0]!.inputs, "values", "custom", "scheduler_config_override")),
    );
    const common = ["--kubeconfig", api.kubeconfig, "--leader-elect=false", "--enable-healthz=true"];
    programs.push(
      new Server("vc-controller-manager", [...common, `--healthz-address=${HEALTH}:19441`, "--enable-metrics=false"]),
      new Server("vc-scheduler", [
        ...common,
        `--healthz-address=${HEALTH}:19442`,
        `--listen-address=${HEALTH}:19443`,
        "--enable-metrics=true",
        `--scheduler-conf=${configuration}`,
        `--cache-dump-dir=${folder}`,
      ]),
    );
    await programs[0]!.start(`http://${HEALTH}:19441/healthz`);
    await programs[1]!.start(`http://${HEALTH}:19442/healthz`);
    await cluster.apply(
      "queues",
      ["training", "small"].map((name) => ({
        apiVersion: "scheduling.volcano.sh/v1beta1",
        kind: "Queue",
        metadata: { name },
        spec: spec("Queue", name),
      })),
    );
  }

  afterAll(async () => {
    await Promise.all(programs.map((program) => program.stop()));
    await api?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it("opens the queues of the settings", async () => {
    await until(async () => {
      const queues = await cluster.list<ClusterObject & { status?: { state?: string } }>("queues");
      return ["training", "small"].every((name) =>
        queues.some((queue) => queue.metadata.name === name && queue.status?.state === "Open"),
      );
    }, "both queues are open");
  });

  it("holds a queue to its limit of GPUs", async () => {
    await cluster.apply("first", [job("first", 1, "small")]);
    await runs("first", 1);
    await cluster.apply("second", [job("second", 1, "small")]);
    await waits("second");
    // It is the queue's limit and nothing else.
    await cluster.apply("third", [job("third", 1, "training")]);
    await runs("third", 1);
    expect(await nodesOf("second")).toEqual([]);
  });

  it("starts the workers of a job together", async () => {
    await cluster.apply("together", [job("together", 2, "training")]);
    await runs("together", 2);
  });

  it("starts none of them where not all find a GPU", async () => {
    // One of five GPUs is free: one worker would find a place.
    await cluster.apply("too-large", [job("too-large", 2, "training")]);
    await waits("too-large");
    expect(await nodesOf("too-large")).toEqual([]);
  });

  it("shows the metrics that alerts and dashboards ask for", async () => {
    const text = await (await fetch(`http://${HEALTH}:19443/metrics`)).text();
    for (const name of ["volcano_unschedule_job_count", "volcano_unschedule_task_count", "volcano_queue_share"]) {
      expect(text, name).toContain(`# TYPE ${name} `);
    }
    expect(text).toMatch(/volcano_queue_allocated_scalar_resources\{.*resource="nvidia.com\/gpu"/);
  });

  it("lets only the namespaces of a queue use it", async () => {
    const policy = "ValidatingAdmissionPolicy";
    const named = (kind: string) => made.one(kind, "volcano-queues.orrery.dev").inputs;
    await cluster.apply("access", [named(policy), named(`${policy}Binding`)]);
    // A policy counts some moments after it is there, and leaves alone what came before.
    let attempt = 0;
    await until(() => {
      attempt += 1;
      return cluster.apply("foreign", [job(`foreign-${attempt}`, 1, "training", "apps")]).then(
        () => false,
        (error: Error) => error.message.includes("The queue training is for ml, not for apps"),
      );
    }, "the job is refused");
    await cluster.apply("own", [job("own", 1, "training")]);
    await cluster.apply("free", [job("free", 1, "small", "apps")]);
  });
});
