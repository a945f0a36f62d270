import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { CoreV1Api, type KubernetesObject, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AMD_PLUGIN, amdDaemonSetSpec } from "../../components/inference/gpu/amd";
import { intelOperatorValues, intelPluginSpec } from "../../components/inference/gpu/intel";
import { GPU_LABEL, tolerationsOf } from "../../components/inference/gpu/node";
import { NVIDIA_PLUGIN } from "../../components/inference/gpu/nvidia";
import { nvidiaPluginValues } from "../../components/inference/gpu/nvidia-values";
import { sharingLabels, sharingName } from "../../components/inference/gpu/sharing";
import type { GpuMachine } from "../../components/inference/gpu/types";
import { priorities } from "../../components/kit/priorities";
import { resolveChart } from "../../sandbox/charts";
import { type StandIns, startStandIns } from "../../sandbox/stand-ins";
import { GPUS_ANNOTATION } from "../../sandbox/stand-ins/devices/hardware";
import { Kubelets } from "../fixtures/stand-ins/kubelet";
import { hasTools, LocalCluster, toolsDir, until } from "../fixtures/stand-ins/local-cluster";
import { gpuMachine } from "../unit/components/inference/gpu/machines";

const run = promisify(execFile);
/** With the real definitions the API server checks what is asked of Intel's operator. */
const crdsDir = resolve(__dirname, "../../../shared/crds");
const NAMESPACE = "gpu";

const sliced = gpuMachine("time-slicing", 20, undefined, { name: "sliced" });
const parted = gpuMachine("mps", 4, undefined, { name: "parted" });
const amd = gpuMachine("none", 1, "RX 7900 XTX", { name: "amd", count: 2 });
const intel = gpuMachine("time-slicing", 10, "Arc Pro B60", { name: "intel" });
const machines = [sliced, parted, amd, intel];

describe.skipIf(!hasTools)("GPUs on a real API server (needs ORRERY_TOOLS_DIR)", { timeout: 120_000 }, () => {
  let cluster: LocalCluster;
  let kubelets: Kubelets;
  let standIns: StandIns;
  let core: CoreV1Api;
  let objects: KubernetesObjectApi;
  const log: string[] = [];

  const create = (object: object) => objects.create(object as KubernetesObject);
  const patchNode = (name: string, metadata: object) =>
    objects.patch(
      { apiVersion: "v1", kind: "Node", metadata: { name, ...metadata } },
      undefined,
      undefined,
      undefined,
      undefined,
      PatchStrategy.MergePatch,
    );
  const offered = async ({ name, device }: GpuMachine) => (await core.readNode({ name })).status?.allocatable?.[device];
  // The garbage collector learns of new kinds every 30 seconds.
  const offers = (machine: GpuMachine, count: string | undefined) =>
    until(`${count} of ${machine.device} on ${machine.name}`, async () => (await offered(machine)) === count, 90_000);

  async function install(name: string, chart: string, namespace: string, values: object) {
    const { path } = await resolveChart({
      chart,
      cacheDir: join(cluster.directory, "charts"),
      crdsDir: existsSync(crdsDir) ? crdsDir : undefined,
    });
    const file = join(cluster.directory, `${name}.json`);
    writeFileSync(file, JSON.stringify(values));
    const where = ["--namespace", namespace, "--create-namespace", "--kubeconfig", cluster.kubeconfig];
    await run(join(toolsDir, "helm"), ["upgrade", "--install", name, path, "--values", file, ...where]);
  }

  /** A pod that asks for devices of one machine; the real scheduler places it. */
  const pod = (name: string, machine: GpuMachine, count: number) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: "default", name },
    spec: {
      nodeSelector: { "kubernetes.io/hostname": machine.name },
      tolerations: tolerationsOf(machine.taints),
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "main", image: "model", resources: { limits: { [machine.device]: String(count) } } }],
    },
  });
  const placed = async (name: string) =>
    (await core.readNamespacedPod({ namespace: "default", name })).spec?.nodeName !== undefined;
  const refused = async (name: string): Promise<string> => {
    let message = "";
    await until(`${name} to be refused`, async () => {
      const { status } = await core.readNamespacedPod({ namespace: "default", name });
      message = status?.conditions?.find(({ reason }) => reason === "Unschedulable")?.message ?? "";
      return message !== "";
    });
    expect(await placed(name)).toBe(false);
    return message;
  };

  beforeAll(async () => {
    cluster = await LocalCluster.start("127.77.5.1");
    const config = cluster.config();
    core = config.makeApiClient(CoreV1Api);
    objects = KubernetesObjectApi.makeApiClient(config);
    kubelets = new Kubelets(config);
    await kubelets.register("plain", { providerId: "hrobot://1" });
    await patchNode("plain", { labels: { "kubernetes.io/arch": "amd64" } });
    for (const { name, vendor, driver, count, sharing, taints } of machines) {
      await kubelets.register(name, { providerId: `hrobot://${name}` });
      await patchNode(name, {
        labels: { "kubernetes.io/arch": "amd64", [GPU_LABEL]: vendor, ...sharingLabels(vendor, sharing) },
        annotations: { [GPUS_ANNOTATION]: JSON.stringify({ vendor, driver, count }) },
      });
      await core.patchNode({ name, body: [{ op: "add", path: "/spec/taints", value: taints }] });
    }
    const { name, value } = priorities.platform;
    await create({ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name }, value });
    await create({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
    standIns = await startStandIns({
      kubeconfig: cluster.kubeconfig,
      hetznerEndpoint: "http://127.77.5.1:1/v1",
      log: (line) => log.push(line),
      crdsDir: existsSync(crdsDir) ? crdsDir : undefined,
    });
  });

  afterAll(async () => {
    await standIns?.close();
    kubelets?.stop();
    await cluster?.stop();
  });

  it("are on no node before a device plugin runs there", async () => {
    for (const machine of machines) expect(await offered(machine)).toBeUndefined();
    await create(pod("early", sliced, 1));
    expect(await refused("early")).toContain("Insufficient nvidia.com/gpu");
  });

  it("are NVIDIA's as often as the configuration that the node's label names says", async () => {
    await create({
      apiVersion: "node.k8s.io/v1",
      kind: "RuntimeClass",
      metadata: { name: "nvidia" },
      handler: "nvidia",
    });
    await install(NVIDIA_PLUGIN, "nvidia-device-plugin", NAMESPACE, nvidiaPluginValues([sliced, parted]));
    await offers(sliced, "20");
    await offers(parted, "4");
    await until("the pod that waited", () => placed("early"));
    expect(await offered(amd)).toBeUndefined();
    expect(await offered(intel)).toBeUndefined();
  });

  it("are counted in slices by the real scheduler, which refuses the one too many with a reason", async () => {
    // One slice is taken by the first pod.
    await create(pod("half", sliced, 10));
    await create(pod("rest", sliced, 9));
    await until("both", async () => (await placed("half")) && (await placed("rest")));
    await create(pod("too-many", sliced, 1));
    expect(await refused("too-many")).toContain("Insufficient nvidia.com/gpu");
    await core.deleteNamespacedPod({ namespace: "default", name: "half" });
    await until("its place", () => placed("too-many"));
  });

  it("are no parts of a divided GPU without the daemon that divides it", async () => {
    await patchNode("parted", { labels: { "nvidia.com/mps.capable": null } });
    await offers(parted, "0");
    expect(log.join("\n")).toContain("devices: parted: the plugin waits for the MPS control daemon");
    await patchNode("parted", { labels: sharingLabels("nvidia", parted.sharing) });
    await offers(parted, "4");
  });

  it("follow a node's label to another configuration, and go where it names none", async () => {
    await patchNode("sliced", { labels: { "nvidia.com/device-plugin.config": "none" } });
    await offers(sliced, "1");
    await patchNode("sliced", { labels: { "nvidia.com/device-plugin.config": "time-slicing-7" } });
    await offers(sliced, "0");
    expect(log.join("\n")).toContain("no configuration time-slicing-7: mps-4, none, time-slicing-20");
    await patchNode("sliced", { labels: sharingLabels("nvidia", sliced.sharing) });
    await offers(sliced, "20");
  });

  it("are AMD's as many as the machine has", async () => {
    const identity = { name: AMD_PLUGIN, instance: AMD_PLUGIN, component: "device-plugin", domain: NAMESPACE };
    const metadata = { namespace: NAMESPACE, name: AMD_PLUGIN };
    await create({ apiVersion: "v1", kind: "ServiceAccount", metadata });
    const spec = amdDaemonSetSpec(identity, tolerationsOf(amd.taints));
    await create({ apiVersion: "apps/v1", kind: "DaemonSet", metadata, spec });
    await offers(amd, "2");
    await create(pod("rocm", amd, 2));
    await until("the pod", () => placed("rocm"));
  });

  it("are Intel's under the driver's name, once the operator has made the plugin's DaemonSet", async () => {
    await install("cert-manager", "cert-manager", "cert-manager", { crds: { enabled: true } });
    await until("cert-manager's kinds", async () => {
      await install("intel-device-plugins", "intel-device-plugins-operator", NAMESPACE, intelOperatorValues());
      return true;
    });
    const resource = {
      apiVersion: "deviceplugin.intel.com/v1",
      kind: "GpuDevicePlugin",
      metadata: { name: sharingName(intel.sharing) },
      spec: intelPluginSpec(intel.sharing, intel.taints),
    };
    await until("its kind", async () => (await create(resource)) !== undefined, 60_000);
    await offers(intel, "10");
    expect((await core.readNode({ name: "intel" })).status?.allocatable).not.toHaveProperty(["gpu.intel.com/i915"]);
    await until("the resource's status", async () => {
      const read = await objects.read<KubernetesObject & { status?: { numberReady?: number } }>(resource);
      return read.status?.numberReady === 1;
    });
  });

  it("are gone with the GPU, and nothing is placed any more", async () => {
    await core.deleteNamespacedPod({ namespace: "default", name: "rocm" });
    await patchNode("amd", { annotations: { [GPUS_ANNOTATION]: null } });
    await offers(amd, "0");
    await create(pod("homeless", amd, 1));
    expect(await refused("homeless")).toContain("Insufficient amd.com/gpu");
  });

  it("are gone with the plugin", async () => {
    await objects.delete({
      apiVersion: "deviceplugin.intel.com/v1",
      kind: "GpuDevicePlugin",
      metadata: { name: sharingName(intel.sharing) },
    });
    await offers(intel, "0");
    await create(pod("unserved", intel, 1));
    expect(await refused("unserved")).toContain("Insufficient gpu.intel.com/xe");
  });

  it("says for the summary what was stood in for", () => {
    expect(standIns.active()).toEqual(
      expect.arrayContaining([
        "Intel's device plugins operator: the DaemonSets of GPU plugins",
        "device plugins: GPUs in the nodes' resources",
      ]),
    );
  });
});
