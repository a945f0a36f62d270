import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  AmdDevicePlugin,
  GpuFeatures,
  IntelDevicePlugin,
  NvidiaDevicePlugin,
} from "../../../../../components/inference/gpu";
import { gpuFeatureRules } from "../../../../../components/inference/gpu/features";
import { nvidiaPluginValues } from "../../../../../components/inference/gpu/nvidia-values";
import { distinctSharing, sharingLabels, sharingName } from "../../../../../components/inference/gpu/sharing";
import type { GpuMachine } from "../../../../../components/inference/gpu/types";
import { Namespaces } from "../../../../../components/kit/namespace";
import type { SettingsInput } from "../../../../../stacks/settings";
import { definitionCheck } from "../../definitions";
import { createEnvironment, testSettings } from "../../environment";
import { at, type Recorded, type Recorder, record } from "../../recorder";
import { shared } from "../../shared";
import { gpuMachine } from "./machines";

/** A component's children wait with it: what is registered later has waited. */
const before = ({ resources }: Recorder, earlier: Recorded, later: Recorded) =>
  resources.indexOf(earlier) >= 0 && resources.indexOf(earlier) < resources.indexOf(later);

const namespaces = () => new Namespaces({ environment: "prod" }, {});
const charts = {};

const sliced = gpuMachine("time-slicing", 20);
const parted = gpuMachine("mps", 4);
const whole = gpuMachine("none");

describe("the way in which machines share", () => {
  it.each([
    ["nvidia", whole, { "orrery.dev/gpu-sharing": "none", "nvidia.com/device-plugin.config": "none" }],
    [
      "nvidia",
      parted,
      {
        "orrery.dev/gpu-sharing": "mps-4",
        "nvidia.com/device-plugin.config": "mps-4",
        "nvidia.com/mps.capable": "true",
      },
    ],
    ["intel", sliced, { "orrery.dev/gpu-sharing": "time-slicing-20" }],
  ] as const)("is labels of the node: %s", (vendor, { sharing }, labels) => {
    expect(sharingLabels(vendor, sharing)).toEqual(labels);
  });

  it("is counted once, whatever the machines are called", () => {
    const all = [sliced, whole, { ...sliced, name: "other" }, gpuMachine("time-slicing", 4)];
    expect(distinctSharing(all).map(sharingName)).toEqual(["time-slicing-20", "none", "time-slicing-4"]);
  });
});

describe("NVIDIA's device plugin", () => {
  const create = (machines: readonly GpuMachine[]) =>
    record(() => new NvidiaDevicePlugin({ charts, namespaces: namespaces(), machines }));

  it("has a configuration for each way of sharing, and the API to learn which one a node has", async () => {
    const made = await create([sliced, parted]);
    const [release] = made.releases();
    const map = at(release!.inputs, "values", "config", "map") as unknown as Record<string, string>;
    expect(Object.keys(map).sort()).toEqual(["mps-4", "none", "time-slicing-20"]);
    expect(parse(map["time-slicing-20"]!).sharing.timeSlicing.resources).toEqual([
      { name: "nvidia.com/gpu", replicas: 20 },
    ]);
    expect(parse(map["mps-4"]!).sharing.mps.resources).toEqual([{ name: "nvidia.com/gpu", replicas: 4 }]);
    expect(parse(map["none"]!).sharing).toBeUndefined();
    expect(at(release!.inputs, "values", "config", "default")).toBe("none");
    expect(made.kind("CiliumNetworkPolicy").map(({ name }) => name)).toEqual(["nvidia-device-plugin-api-server"]);
  });

  it("has one that shares nothing for whoever says nothing", async () => {
    const made = await create([whole]);
    const map = at(made.releases()[0]!.inputs, "values", "config", "map") as unknown as Record<string, string>;
    expect(Object.keys(map)).toEqual(["none"]);
  });

  it("runs on the machines' own label, through their taints, by a runtime class that is there before it", async () => {
    const made = await create([sliced]);
    const values = nvidiaPluginValues([sliced, parted]);
    expect(JSON.stringify(values["affinity"])).toContain('"key":"orrery.dev/gpu","operator":"In","values":["nvidia"]');
    expect(values["tolerations"]).toEqual([{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }]);
    expect(values["runtimeClassName"]).toBe("nvidia");
    const runtimeClass = made.one("RuntimeClass", "nvidia");
    expect(runtimeClass.inputs["handler"]).toBe("nvidia");
    expect(before(made, runtimeClass, made.releases()[0]!)).toBe(true);
  });
});

describe("AMD's device plugin", () => {
  it("is root without rights, with two directories of the node, and no way to the API", async () => {
    const amd = gpuMachine("none", 1, "RX 7900 XTX");
    const made = await record(() => new AmdDevicePlugin({ namespaces: namespaces(), machines: [amd, amd] }));
    const pod = at(made.one("DaemonSet", "amd-device-plugin").inputs, "spec", "template", "spec");
    expect(at(pod, "nodeSelector")).toEqual({ "orrery.dev/gpu": "amd" });
    expect(at(pod, "tolerations")).toEqual([{ key: "amd.com/gpu", operator: "Exists", effect: "NoSchedule" }]);
    expect(at(pod, "containers", 0, "securityContext")).toEqual({
      runAsUser: 0,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    const volumes = at(pod, "volumes") as unknown as { hostPath: { path: string } }[];
    expect(volumes.map(({ hostPath }) => hostPath.path)).toEqual(["/var/lib/kubelet/device-plugins", "/sys"]);
    expect(at(pod, "automountServiceAccountToken")).toBe(false);
    expect(made.kind("CiliumNetworkPolicy")).toEqual([]);
  });
});

describe("Intel's device plugin", () => {
  const create = (machines: readonly GpuMachine[]) =>
    record(() => new IntelDevicePlugin({ charts, namespaces: namespaces(), machines, certificates: {} }));
  const b60 = (strategy: "none" | "time-slicing", slices = 1) => gpuMachine(strategy, slices, "Arc Pro B60");

  it("is one resource for each way of sharing, on the nodes whose label says it", async () => {
    const made = await create([b60("none"), b60("time-slicing", 10), b60("time-slicing", 10)]);
    const specs = made.kind("GpuDevicePlugin").map(({ inputs }) => at(inputs, "spec") as unknown as Spec);
    expect(specs.map(({ sharedDevNum, nodeSelector }) => [sharedDevNum, nodeSelector])).toEqual([
      [1, { "orrery.dev/gpu": "intel", "orrery.dev/gpu-sharing": "none" }],
      [10, { "orrery.dev/gpu": "intel", "orrery.dev/gpu-sharing": "time-slicing-10" }],
    ]);
    for (const { tolerations } of specs) {
      expect(tolerations).toEqual([{ key: "gpu.intel.com/xe", operator: "Exists", effect: "NoSchedule" }]);
    }
  });

  it("comes after its operator, whose webhooks the API server reaches", async () => {
    const made = await create([b60("none")]);
    const policy = made.one("CiliumNetworkPolicy", "intel-device-plugins-api-server");
    expect(at(policy.inputs, "spec", "endpointSelector", "matchLabels")).toEqual({
      "control-plane": "controller-manager",
    });
    expect(JSON.stringify(at(policy.inputs, "spec", "ingress"))).toContain('"9443"');
    const [release] = made.releases();
    expect(release!.inputs["namespace"]).toBe("gpu");
    expect(before(made, release!, made.one("GpuDevicePlugin", "none"))).toBe(true);
  });
});

const crds = shared("crds", "GPU resources against their definitions");

describe.skipIf(crds === undefined)("their resources against the real definitions (needs ../shared/crds)", () => {
  it("are what Intel's operator takes", async () => {
    const check = definitionCheck(crds!, "gpudeviceplugins.deviceplugin.intel.com");
    const made = await record(
      () =>
        new IntelDevicePlugin({
          charts,
          namespaces: namespaces(),
          machines: [gpuMachine("time-slicing", 10, "Arc Pro B60"), gpuMachine("none", 1, "Arc A770")],
          certificates: {},
        }),
    );
    expect(made.kind("GpuDevicePlugin")).toHaveLength(2);
    for (const { inputs } of made.kind("GpuDevicePlugin")) {
      expect(check(inputs) || check.errors).toBe(true);
      expect(check({ ...inputs, spec: { sharedDevNums: 2 } })).toBe(false);
    }
  });

  it("are what Node Feature Discovery takes", async () => {
    const check = definitionCheck(crds!, "nodefeaturerules.nfd.k8s-sigs.io");
    const made = await record(() => {
      const earlier = new Namespaces({ environment: "prod" }, {}).get("node-feature-discovery");
      new GpuFeatures({ after: earlier });
    });
    const { inputs } = made.one("NodeFeatureRule", "gpu-features");
    expect(check(inputs) || check.errors).toBe(true);
  });
});

describe("what is found in the machines", () => {
  it("is a GPU on the bus whose driver is loaded, for each driver", () => {
    const rules = gpuFeatureRules();
    expect(rules.map(({ labels }) => Object.keys(labels).map((label) => label.split("/")[1]))).toEqual([
      ["gpu-nvidia", "gpu-driver-nvidia"],
      ["gpu-amd", "gpu-driver-amdgpu"],
      ["gpu-intel", "gpu-driver-i915"],
      ["gpu-intel", "gpu-driver-xe"],
    ]);
    for (const { matchFeatures } of rules) {
      expect(matchFeatures.map(({ feature }) => feature)).toEqual(["pci.device", "kernel.loadedmodule"]);
    }
  });
});

describe("in an environment", () => {
  const own = (name: string, vendor: "amd" | "intel", model: string, address: string) => ({
    name,
    address,
    model: "own",
    pool: name,
    hardware: { cores: 16, memoryGiB: 64, diskGB: 1000 },
    gpu: { vendor, model },
  });
  const all: SettingsInput["dedicated"] = [
    { name: "n", address: "203.0.113.40", model: "GEX131", robotNumber: 2400001, gpu: { vendor: "nvidia" } },
    own("a", "amd", "RX 7900 XTX", "203.0.113.41"),
    own("i", "intel", "Arc Pro B60", "203.0.113.42"),
  ];
  const made = async (dedicated: SettingsInput["dedicated"], more: Partial<SettingsInput> = {}) =>
    (await createEnvironment(testSettings("dev", {}, { dedicated, certificates: { enabled: true }, ...more }))).made;
  const ours = /^orrery:inference:(.*)$/;
  const kinds = async (...args: Parameters<typeof made>) =>
    (await made(...args)).resources.flatMap(({ type }) => ours.exec(type)?.[1] ?? []).sort();

  it("a vendor's plugin exists exactly when a machine of the vendor does", async () => {
    expect(await kinds(all)).toEqual(["AmdDevicePlugin", "IntelDevicePlugin", "NvidiaDevicePlugin"]);
    expect(await kinds([all![1]!])).toEqual(["AmdDevicePlugin"]);
    expect(await kinds([{ ...all![0]!, gpu: undefined }])).toEqual([]);
    expect(await kinds([])).toEqual([]);
  }, 60_000);

  it("a rule for what is found in machines goes with Node Feature Discovery", async () => {
    const safety = { nodeFeatureDiscovery: { enabled: true } };
    expect(await kinds([all![0]!], { safety })).toEqual(["GpuFeatures", "NvidiaDevicePlugin"]);
    expect(await kinds([], { safety })).toEqual([]);
  }, 60_000);

  it("the runtime class is there once, also with the exporter that is run by it", async () => {
    const made2 = await made([all![0]!], { observability: { enabled: true } });
    expect(made2.kind("RuntimeClass")).toHaveLength(1);
    const exporter = made2.one("DaemonSet", "dcgm-exporter");
    expect(at(exporter.inputs, "spec", "template", "spec", "runtimeClassName")).toBe("nvidia");
  }, 60_000);
});

interface Spec {
  sharedDevNum: number;
  nodeSelector: object;
  tolerations: object;
}
