import { dedicatedModels, hardwareOf, isOwn, OWN } from "../../components/hetzner/market";
import { gpuNameOf } from "../../components/inference/gpu/of-machine";
import { gpuModelOf } from "../../components/inference/gpu/table";
import type { Gpus, MachineSpec } from "../machines/types";
import type { DedicatedRequest } from "./protocol";

export const dedicatedKey = (name: string) => `dedicated-${name}`;

/** Of Hetzner's machines, which have two of them; the smallest. */
const DISK_GB = 480;

/** A dedicated machine with its bare Talos, as an operator leaves it: waiting in maintenance mode. */
export function dedicatedSpec(request: DedicatedRequest): MachineSpec {
  const { name, address, model, extensions } = request;
  const hardware = hardwareOf(request);
  if (!hardware) {
    const known = [...Object.keys(dedicatedModels), `${OWN} with hardware`];
    throw new Error(`Dedicated model "${model}" is not known; known: ${known.join(", ")}`);
  }
  return {
    key: dedicatedKey(name),
    name,
    address,
    location: isOwn(request) ? OWN : (dedicatedModels[model]?.locations[0] ?? "fsn1"),
    serverType: model,
    hardware: {
      cores: hardware.cores,
      memoryGiB: hardware.memoryGiB,
      diskGiB: request.hardware?.diskGB ?? DISK_GB,
      architecture: "x86",
      gpus: gpusIn(request),
    },
    disk: { os: "talos", version: "v1.12.1", schematicId: "", platform: "metal", extensions },
  };
}

/** What is in the machine, whether the settings use it or not: Hetzner's machines have their GPUs all the same. */
function gpusIn({ model, gpu }: DedicatedRequest): Gpus | undefined {
  const found = gpuModelOf(isOwn({ model }) ? gpu?.model : gpuNameOf({ model }));
  if (found === undefined) return undefined;
  const { name, vendor, memoryMiB, driver, needsOpenModules } = found;
  const count = dedicatedModels[model]?.gpu?.count ?? gpu?.count ?? 1;
  return { vendor, count, model: name, memoryMiB, driver, openModulesOnly: needsOpenModules };
}
