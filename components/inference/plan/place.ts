import { PROGRAM_SUPPORT, runsOn, serverRunsOn, vendorsOf } from "../engines/support";
import type { GpuMachine } from "../gpu/types";
import { quantizationRuns } from "../models/quantization";
import { planPlacement } from "../placement/plan";
import { Room } from "../placement/room";
import type { Gpu, Plan, Workload } from "../placement/types";
import { gpuNeedMiB } from "./memory";
import { type ResolvedService, spreads, worksOn } from "./resolve";
import type { PlannedGpu } from "./types";

/** The GPUs of all machines, as the placement knows them. */
export function gpusOf(machines: readonly GpuMachine[]): Gpu[] {
  return machines.flatMap((machine) =>
    Array.from({ length: machine.count }, (_, number) => ({
      id: `${machine.name}/${number}`,
      node: machine.name,
      pool: machine.pool,
      vendor: machine.vendor,
      model: machine.model,
      memoryMiB: machine.memoryMiB,
      parts: machine.sharing.slices,
      onePart: machine.sharing.strategy === "mps",
      kind: kindOf(machine),
    })),
  );
}

/** Replicas on GPUs of one kind can be pods of one template. */
function kindOf({ vendor, model, memoryMiB, device, sharing: { strategy, slices } }: GpuMachine): string {
  return [vendor, model, memoryMiB, device, strategy, slices].join("/");
}

/** Each replica is a workload of its own. */
export function workloadsOf(service: ResolvedService, machines: readonly GpuMachine[]): Workload[] {
  const { name, model, program, server, gpus, share, settings } = service;
  const unfit = Object.fromEntries(
    machines.flatMap((machine) => {
      const reason = unfitReason(service, machine);
      return reason === undefined ? [] : [[machine.name, reason]];
    }),
  );
  return Array.from({ length: settings.replicas }, (_, index) => ({
    name: `${name}/${index}`,
    gpus,
    memoryMiB: gpuNeedMiB(model, program, service, gpus),
    share,
    vendors: vendorsOf(program).filter((vendor) => serverRunsOn(server, vendor)),
    ...(settings.gpu.pool === undefined ? {} : { pool: settings.gpu.pool }),
    unfit,
    spread: name,
  }));
}

function unfitReason(service: ResolvedService, machine: GpuMachine): string | undefined {
  const { model, program, server, settings } = service;
  const { vendor, architecture } = machine;
  if (settings.gpu.vendor !== undefined && settings.gpu.vendor !== vendor)
    return `its GPU is of ${vendor}, and ${settings.gpu.vendor} is asked for`;
  if (!spreads(program, settings)) return `${program} uses one GPU, and ${settings.gpu.count} are asked for`;
  if (worksOn(model, program, server, machine)) return undefined;
  if (!quantizationRuns(model.quantization, vendor, architecture))
    return `its ${machine.model} (${architecture}) does not compute with the ${model.quantization} weights of ${model.name}`;
  if (!runsOn(program, vendor)) {
    const vendors = Object.keys(PROGRAM_SUPPORT[program].gpus).join(" or ");
    return `its GPU is of ${vendor}, and ${program} runs on ${vendors || "no GPU"}`;
  }
  if (runsOn(program, vendor, architecture)) return `its GPU is of ${vendor}, and ${server} runs on nvidia`;
  return `its ${machine.model} is of the generation ${architecture}, which ${program} has no image for`;
}

/** Where every replica goes, or why it goes nowhere. */
export function place(services: readonly ResolvedService[], machines: readonly GpuMachine[]): Plan {
  return planPlacement(
    gpusOf(machines),
    services.flatMap((service) => workloadsOf(service, machines)),
  );
}

/** What is on each GPU. */
export function loadsOf({ placed, left }: Plan): PlannedGpu[] {
  const gpus = left.map(({ gpu }) => gpu);
  const room = new Room(gpus);
  return left.map(({ gpu, memoryMiB, share }, index) => ({
    machine: gpu.node,
    gpu: Number(gpu.id.slice(gpu.node.length + 1)),
    model: gpu.model,
    memoryMiB: gpu.memoryMiB,
    services: placed
      .filter(({ gpus: own }) => own.some(({ id }) => id === gpu.id))
      .map(({ workload }) => ({
        name: serviceOf(workload),
        needMiB: workload.memoryMiB,
        share: room.shareTaken(index, workload.share),
      })),
    leftMiB: memoryMiB,
    leftShare: share,
  }));
}

export function serviceOf({ name }: Workload): string {
  return name.slice(0, name.lastIndexOf("/"));
}
