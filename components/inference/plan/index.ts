import type { GpuMachine } from "../gpu/types";
import type { Placement, Plan } from "../placement/types";
import type { GpuPlace, Place, PlannedService } from "../types";
import { gpuNeedMiB, hostBesideGpu, hostWithoutGpu } from "./memory";
import { loadsOf, place, serviceOf } from "./place";
import { type ResolvedService, resolveService } from "./resolve";
import type { InferencePlan, LeftOut, PlanInput } from "./types";

export type { InferencePlan, LeftOut, PlanInput, PlannedGpu } from "./types";

/**
 * What runs where: every service with its model, program and place. Pure, and total: what cannot run is left out, with
 * its reasons; whether that is allowed, the settings' rules say.
 */
export function planServices(input: PlanInput): InferencePlan {
  const wanted = Object.entries(input.services).filter(([, { enabled }]) => enabled);
  const resolved = wanted.flatMap(([name, settings]) => resolveService(name, settings, input) ?? []);
  const whole = withWholeServices(resolved, input.machines);
  const placed = new Map(whole.placed.map((each) => [serviceOf(each.workload), each]));
  const services = resolved
    .filter(({ name, onGpu }) => !onGpu || placed.has(name))
    .map((service) => planned(service, whole, input));
  return { services, leftOut: leftOutOf(wanted, resolved, whole, input.machines), gpus: loadsOf(whole) };
}

/** A service runs with all its replicas or not at all: half of one would look like all of it. */
function withWholeServices(resolved: readonly ResolvedService[], machines: readonly GpuMachine[]): Plan {
  const onGpus = resolved.filter(({ onGpu }) => onGpu);
  const plan = place(onGpus, machines);
  const lacking = new Set(plan.unplaced.map(({ workload }) => serviceOf(workload)));
  if (![...lacking].some((name) => plan.placed.some(({ workload }) => serviceOf(workload) === name))) return plan;
  const without = withWholeServices(
    onGpus.filter(({ name }) => !lacking.has(name)),
    machines,
  );
  return { ...without, unplaced: [...without.unplaced, ...plan.unplaced] };
}

function leftOutOf(
  wanted: readonly (readonly [string, unknown])[],
  resolved: readonly ResolvedService[],
  { unplaced }: Plan,
  machines: readonly GpuMachine[],
): LeftOut[] {
  return wanted.flatMap(([name]) => {
    const reasons = unplaced.find(({ workload }) => serviceOf(workload) === name)?.reasons;
    if (reasons !== undefined) return [{ name, reasons }];
    return resolved.some((service) => service.name === name)
      ? []
      : [
          {
            name,
            reasons: [`${machines.length === 0 ? "The cluster has no GPU, and nothing" : "Nothing"} runs it on CPUs.`],
          },
        ];
  });
}

function planned(service: ResolvedService, plan: Plan, { environment, machines }: PlanInput): PlannedService {
  const { name, role, model, server, program, contextTokens, concurrency, gpus, settings } = service;
  const own = plan.placed.filter(({ workload }) => serviceOf(workload) === name);
  const at: Place = service.onGpu ? gpuPlace(service, own, machines) : { kind: "cpu" };
  const host = service.onGpu
    ? hostBesideGpu(model, program, gpus)
    : hostWithoutGpu(model, program, service, environment);
  return {
    name,
    role,
    model,
    server,
    engine: program,
    accelerator: at.kind === "gpu" ? at.vendor : "cpu",
    place: at,
    replicas: settings.replicas,
    ...(settings.scaling === undefined ? {} : { scaling: settings.scaling }),
    contextTokens,
    concurrency,
    needMiB: service.onGpu ? gpuNeedMiB(model, program, service, gpus) : 0,
    host: {
      cpuMillicores: settings.cpuCores === undefined ? host.cpuMillicores : Math.ceil(settings.cpuCores * 1000),
      memoryMiB: settings.memoryGiB === undefined ? host.memoryMiB : Math.ceil(settings.memoryGiB * 1024),
    },
    timeoutSeconds: settings.timeoutSeconds,
  };
}

/** Its replicas are on GPUs of one kind, so that the first machine stands for all. */
function gpuPlace(
  { share, gpus }: ResolvedService,
  own: readonly Placement[],
  machines: readonly GpuMachine[],
): GpuPlace {
  const used = own.map(({ gpus: [gpu] }) => machines.find(({ name }) => name === gpu!.node)!);
  const { vendor, pool, model, architecture, memoryMiB, device, sharing } = used[0]!;
  const count = {
    none: gpus,
    "time-slicing": Math.ceil((Math.round(share * 1000) * sharing.slices) / 1000) * gpus,
    mps: 1,
  }[sharing.strategy];
  return {
    kind: "gpu",
    vendor,
    machines: used.map(({ name }) => name),
    pool,
    gpuModel: model,
    architecture,
    gpus,
    share,
    gpuMemoryMiB: memoryMiB,
    device: { name: device, count },
    ...(vendor === "nvidia" ? { runtimeClass: "nvidia" } : {}),
    tolerations: tolerations(used),
  };
}

function tolerations(machines: readonly GpuMachine[]): GpuPlace["tolerations"] {
  const all = machines.flatMap(({ taints }) => taints.map(({ key, effect }) => ({ key, operator: "Exists", effect })));
  return all.filter(
    (each, index) => all.findIndex(({ key, effect }) => key === each.key && effect === each.effect) === index,
  );
}
