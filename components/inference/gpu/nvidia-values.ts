import { stringify } from "yaml";
import type { ChartValues } from "../../kit/chart";
import { exceptionAnnotations } from "../../kit/labels";
import { priorityClassOf } from "../../kit/priorities";
import { resources } from "../../kit/sizes";
import { GPU_LABEL, NVIDIA_RUNTIME_CLASS, tolerationsOf } from "./node";
import { distinctSharing, sharingName } from "./sharing";
import { deviceOf } from "./table";
import type { GpuMachine, GpuSharing } from "./types";

/** Machines whose node says nothing: as if nothing were shared. */
const DEFAULT_CONFIG: GpuSharing = { strategy: "none", slices: 1 };

/** The plugin's configurations by name: one for each way in which machines share, of which a node's label names one. */
export function nvidiaConfigs(machines: readonly GpuMachine[]): Record<string, string> {
  const all = distinctSharing([{ sharing: DEFAULT_CONFIG }, ...machines]);
  return Object.fromEntries(all.map((sharing) => [sharingName(sharing), nvidiaConfig(sharing)]));
}

/** One configuration, in NVIDIA's own format. */
export function nvidiaConfig(sharing: GpuSharing): string {
  return stringify({ version: "v1", flags: { migStrategy: "none" }, ...sharingSection(sharing) });
}

function sharingSection({ strategy, slices }: GpuSharing): object {
  const resources = [{ name: deviceOf("nvidia"), replicas: slices }];
  switch (strategy) {
    case "none":
      return {};
    case "time-slicing":
      // A pod asks for as many slices as its share is: more than one is right, and the name stays the device's.
      return { sharing: { timeSlicing: { renameByDefault: false, failRequestsGreaterThanOne: false, resources } } };
    case "mps":
      // A slice has its own part of the memory: two of them are not one of twice the size.
      return { sharing: { mps: { renameByDefault: false, failRequestsGreaterThanOne: true, resources } } };
  }
}

/** Values of the chart of NVIDIA's device plugin. */
export function nvidiaPluginValues(machines: readonly GpuMachine[]): ChartValues {
  return {
    config: { map: nvidiaConfigs(machines), default: sharingName(DEFAULT_CONFIG) },
    // Nothing here is divided by the hardware (MIG), and devices are given by the runtime class: so the plugin needs no
    // right over the node.
    migStrategy: "none",
    deviceListStrategy: "envvar",
    runtimeClassName: NVIDIA_RUNTIME_CLASS,
    priorityClassName: priorityClassOf("gpu"),
    // The chart's own looks for labels of Node Feature Discovery, which need not be there; ours the machines bring.
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms() } } },
    tolerations: tolerationsOf(machines.flatMap(({ taints }) => taints)),
    resources: { ...resources(10, 64, 128) },
    podSecurityContext: { seccompProfile: { type: "RuntimeDefault" } },
    podAnnotations: exceptionAnnotations([
      {
        rule: "service-account-token",
        reason: "it reads on its node's labels which configuration to use; the chart mounts the token in any case",
      },
    ]),
    // Model and memory are labels of the machines' configuration, which the plan goes by before there is a machine.
    gfd: { enabled: false },
  };
}

function terms() {
  return [{ matchExpressions: [{ key: GPU_LABEL, operator: "In", values: ["nvidia"] }] }];
}
