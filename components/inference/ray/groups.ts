import type { Figures } from "../../kit/sizes";
import type { GpuSharing } from "../gpu/types";
import { type GpuPlace, MACHINE_LABEL, type PlannedService } from "../types";

/** Pods of one kind that Ray's work runs in: on one GPU machine, or for one service on CPUs. */
export interface WorkerGroup {
  readonly name: string;
  readonly replicas: number;
  readonly services: readonly PlannedService[];
  /** The machine, where it has GPUs. */
  readonly machine?: string;
  /** Sum of what its services ask of the device plugin. */
  readonly device?: { readonly name: string; readonly count: number };
  /** Whole GPUs, of which Ray gives parts to its services itself. */
  readonly gpus: number;
  /** Sum of its services, and Ray's own. */
  readonly host: Figures;
  readonly nodes?: Readonly<Record<string, readonly string[]>>;
  readonly runtimeClass?: string;
  readonly tolerations: GpuPlace["tolerations"];
}

/** What Ray itself takes in each pod: raylet, agents, the proxy, its shared memory. */
export const RAY_OVERHEAD: Figures = { cpuMillicores: 500, memoryMiB: 3072 };

/** How the GPUs of a machine are shared. */
export type SharingOf = (machine: string) => GpuSharing["strategy"];

/**
 * One group for each GPU machine with all its services; with MPS one for each of them, because a pod gets exactly one
 * part. On CPUs one for each service: the volume with its model is on one node, and need not be on that of the others.
 */
export function workerGroups(services: readonly PlannedService[], sharingOf: SharingOf): WorkerGroup[] {
  const machines = [...new Set(services.flatMap(({ place }) => (place.kind === "gpu" ? place.machines : [])))].sort();
  const onGpus = machines.flatMap((machine) => {
    const here = services.filter(({ place }) => place.kind === "gpu" && place.machines.includes(machine));
    return sharingOf(machine) === "mps"
      ? here.map((service) => gpuGroup(`machine-${machine}-${service.name}`, machine, [service], "mps"))
      : [gpuGroup(`machine-${machine}`, machine, here, sharingOf(machine))];
  });
  return [...onGpus, ...services.filter(({ place }) => place.kind === "cpu").map(cpuGroup)];
}

function gpuGroup(
  name: string,
  machine: string,
  services: readonly PlannedService[],
  sharing: GpuSharing["strategy"],
): WorkerGroup {
  const places = services.map(({ place }) => place as GpuPlace);
  const [first] = places as [GpuPlace, ...GpuPlace[]];
  const copies = (place: GpuPlace) => place.machines.filter((each) => each === machine).length;
  const devices = places.reduce((sum, place) => sum + place.device.count * copies(place), 0);
  return {
    name,
    machine,
    services,
    replicas: 1,
    device: { name: first.device.name, count: devices },
    // Devices are parts of the machine's one GPU where it is shared, and whole ones where it is not.
    gpus: sharing === "none" ? devices : 1,
    host: hostOf(services),
    nodes: { [MACHINE_LABEL]: [machine] },
    ...(first.runtimeClass === undefined ? {} : { runtimeClass: first.runtimeClass }),
    tolerations: uniqueTolerations(places),
  };
}

function cpuGroup(service: PlannedService): WorkerGroup {
  const { name, replicas } = service;
  return { name: `cpu-${name}`, replicas, services: [service], gpus: 0, host: hostOf([service]), tolerations: [] };
}

function hostOf(services: readonly PlannedService[]): Figures {
  const sum = (key: keyof Figures) => services.reduce((total, { host }) => total + host[key], RAY_OVERHEAD[key]);
  return { cpuMillicores: sum("cpuMillicores"), memoryMiB: sum("memoryMiB") };
}

function uniqueTolerations(places: readonly GpuPlace[]): GpuPlace["tolerations"] {
  const all = places.flatMap(({ tolerations }) => tolerations);
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}
