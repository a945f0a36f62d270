import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { nvidiaConfigs } from "../../../../components/inference/gpu/nvidia-values";
import { GPUS_ANNOTATION, gpusOf } from "../../../../sandbox/stand-ins/devices/hardware";
import { offerOf, statusChange } from "../../../../sandbox/stand-ins/devices/plugins";
import { daemonSetOf, pluginArgs } from "../../../../sandbox/stand-ins/operators/intel-device-plugins";
import { gpuMachine } from "../../components/inference/gpu/machines";

const node = (gpus: object | undefined, labels: Record<string, string> = {}): V1Node => ({
  metadata: { name: "n", labels, annotations: gpus && { [GPUS_ANNOTATION]: JSON.stringify(gpus) } },
});
const ready = { conditions: [{ type: "Ready", status: "True" }] };
const pod = (image: string, container: string, spec: object = {}, args: string[] = []): V1Pod => ({
  metadata: { name: container, namespace: "gpu" },
  spec: { containers: [{ name: container, image, args }], ...spec },
  status: ready,
});

const NVIDIA = "nvcr.io/nvidia/k8s-device-plugin:v0.20.0";
const configured = {
  runtimeClassName: "nvidia",
  volumes: [{ name: "available-configs", configMap: { name: "configs" } }],
  initContainers: [{ name: "init", command: ["config-manager"], env: [{ name: "DEFAULT_CONFIG", value: "none" }] }],
};
const plugin = pod(NVIDIA, "nvidia-device-plugin-ctr", configured);
const daemon = pod(NVIDIA, "mps-control-daemon-ctr");
const amd = pod("docker.io/rocm/k8s-device-plugin:1.31.0.9", "amd-device-plugin");
const intel = (...args: string[]) => pod("docker.io/intel/intel-gpu-plugin:0.36.0", "intel-gpu-plugin", {}, args);

const files: Record<string, string> = nvidiaConfigs([
  gpuMachine("time-slicing", 20),
  gpuMachine("mps", 4),
  gpuMachine("mps", 64),
]);
const read = async (_: string, name: string) => (name === "configs" ? files : undefined);
const offer = (of: V1Node, ...pods: V1Pod[]) => offerOf(of, pods, read);
const label = (config: string) => ({ "nvidia.com/device-plugin.config": config });
const twoNvidia = { vendor: "nvidia", count: 2 };

describe("what device plugins register", () => {
  it.each<[string, V1Node, V1Pod[], Record<string, number>]>([
    ["nothing without a plugin", node(twoNvidia), [], {}],
    ["nothing without a GPU", node(undefined), [plugin], {}],
    ["NVIDIA's by the default configuration", node(twoNvidia), [plugin], { "nvidia.com/gpu": 2 }],
    ["slices of each", node(twoNvidia, label("time-slicing-20")), [plugin], { "nvidia.com/gpu": 40 }],
    ["parts of each, with the daemon", node(twoNvidia, label("mps-4")), [plugin, daemon], { "nvidia.com/gpu": 8 }],
    ["nothing of AMD's by NVIDIA's plugin", node({ vendor: "amd", count: 1 }), [plugin], {}],
    ["AMD's", node({ vendor: "amd", count: 2 }), [amd], { "amd.com/gpu": 2 }],
    ["Intel's by the driver", node({ vendor: "intel", count: 1, driver: "xe" }), [intel()], { "gpu.intel.com/xe": 1 }],
    [
      "Intel's, shared and watched",
      node({ vendor: "intel", count: 2, driver: "i915" }),
      [intel("-v", "2", "-enable-monitoring", "-shared-dev-num", "10")],
      { "gpu.intel.com/i915": 20, "gpu.intel.com/monitoring": 1 },
    ],
    [
      "nothing by one that is not ready",
      node(twoNvidia),
      [{ ...plugin, status: { conditions: [{ type: "Ready", status: "False" }] } }],
      {},
    ],
  ])("%s", async (_, of, pods, devices) => {
    expect((await offer(of, ...pods)).devices).toEqual(devices);
  });

  it.each<[string, V1Node, V1Pod[], string]>([
    [
      "no runtime class",
      node(twoNvidia),
      [{ ...plugin, spec: { ...plugin.spec!, runtimeClassName: undefined } }],
      "RuntimeClass",
    ],
    [
      "a name that no configuration has",
      node(twoNvidia, label("time-slicing-3")),
      [plugin],
      "no configuration time-slicing-3",
    ],
    ["no daemon", node(twoNvidia, label("mps-4")), [plugin], "waits for the MPS control daemon"],
    ["more parts than MPS has", node(twoNvidia, label("mps-64")), [plugin, daemon], "64, more than 48"],
  ])("nothing, and why: %s", async (_, of, pods, problem) => {
    const { devices, problem: said } = await offer(of, ...pods);
    expect(devices).toEqual({});
    expect(said).toContain(problem);
  });

  it("refuses to guess the vendor", () => {
    expect(() => gpusOf(node({ count: 1 }))).toThrow("no vendor");
  });
});

describe("what the kubelet writes of it", () => {
  const status = (device: string, count: string) => ({
    capacity: { cpu: "8", [device]: count },
    allocatable: { cpu: "8", [device]: count },
  });
  it.each([
    ["what is new", { capacity: { cpu: "8" } }, { "amd.com/gpu": 2 }, { "amd.com/gpu": "2" }],
    ["another count", status("nvidia.com/gpu", "20"), { "nvidia.com/gpu": 1 }, { "nvidia.com/gpu": "1" }],
    ["none of what was there", status("nvidia.com/gpu", "20"), {}, { "nvidia.com/gpu": "0" }],
    [
      "one device for another",
      status("gpu.intel.com/i915", "1"),
      { "gpu.intel.com/xe": 1 },
      { "gpu.intel.com/i915": "0", "gpu.intel.com/xe": "1" },
    ],
  ])("%s", (_, before, devices, wanted) => {
    expect(statusChange(before, devices as Record<string, number>)).toEqual({ capacity: wanted, allocatable: wanted });
  });

  it("nothing where all is as it should be, and nothing of devices that are not GPUs", () => {
    expect(statusChange(status("nvidia.com/gpu", "20"), { "nvidia.com/gpu": 20 })).toBeUndefined();
    expect(statusChange(status("example.org/fpga", "1"), {})).toBeUndefined();
  });
});

describe("Intel's operator", () => {
  const resource = {
    apiVersion: "deviceplugin.intel.com/v1",
    kind: "GpuDevicePlugin",
    metadata: { name: "none", uid: "1" },
  };
  it.each([
    [{}, ["-v", "0", "-shared-dev-num", "1", "-allocation-policy", "none"]],
    [
      { sharedDevNum: 4, logLevel: 2, enableMonitoring: true, preferredAllocationPolicy: "packed", bypathMode: "all" },
      ["-v", "2", "-enable-monitoring", "-shared-dev-num", "4", "-allocation-policy", "packed", "-bypath", "all"],
    ],
  ])("makes arguments of %j", (spec, args) => {
    expect(pluginArgs({ ...resource, spec })).toEqual(args);
  });

  it("makes the DaemonSet its own, where the operator runs", () => {
    const made = daemonSetOf({ ...resource, spec: { nodeSelector: { a: "b" } } }, "gpu");
    expect(made.metadata).toMatchObject({ name: "intel-gpu-plugin-none", namespace: "gpu" });
    expect(made.metadata!.ownerReferences).toMatchObject([{ kind: "GpuDevicePlugin", uid: "1", controller: true }]);
    expect(made.spec!.template.spec!.nodeSelector).toEqual({ a: "b" });
    expect(made.spec!.selector.matchLabels).toEqual(made.spec!.template.metadata!.labels);
  });
});
