import { gpuNameOf, gpuOf } from "../../components/inference/gpu/of-machine";
import { deviceOf, gpuModelOf } from "../../components/inference/gpu/table";
import type { GpuMachine } from "../../components/inference/gpu/types";
import type { DedicatedMachine, Settings, Taint } from "./schema";

/** The machines that offer GPUs, in the settings' order: what plans, device plugins and exporters go by. */
export function gpuMachines({ dedicated }: Pick<Settings, "dedicated">): GpuMachine[] {
  return dedicated.flatMap((machine) => {
    // One that is in no table is a problem of its own, and of no plan.
    const gpu = gpuModelOf(gpuNameOf(machine)) && gpuOf(machine);
    if (gpu === undefined) return [];
    const { name, pool, taints } = machine;
    const { vendor, model, count, sharing } = gpu;
    return [
      {
        name,
        pool,
        vendor,
        model: model.name,
        architecture: model.architecture,
        driver: model.driver,
        memoryMiB: model.memoryMiB,
        count,
        sharing,
        device: deviceOf(model.driver),
        taints,
      },
    ];
  });
}

/**
 * The settings with the taint of each GPU machine that is to have one among its `taints`, so that whoever reads them sees
 * what the node has. One of the same key that stands there already is the operator's, and stays alone.
 */
export function withGpuTaints(settings: Settings): Settings {
  const dedicated = settings.dedicated.map((machine) => {
    const taint = taintOf(machine, settings.environment);
    return taint === undefined ? machine : { ...machine, taints: [...machine.taints, taint] };
  });
  return { ...settings, dedicated };
}

/** Kubernetes can let pods tolerate taints whose key is the device that they ask for; and everybody writes it so. */
function taintOf(machine: DedicatedMachine, environment: Settings["environment"]): Taint | undefined {
  const model = gpuModelOf(gpuNameOf(machine));
  if (model === undefined || !(machine.gpu?.taint ?? (machine.gpu !== undefined && environment === "prod"))) return;
  const key = deviceOf(model.driver);
  if (machine.taints.some((taint) => taint.key === key)) return;
  return { key, value: "present", effect: "NoSchedule" };
}
