import type { MachineSpec } from "./types";

export interface MachinePaths {
  /** Stands for the machine's disk. */
  disk: string;
  /** User data file; absent where the machine has none. */
  userData?: string;
  netmap: string;
  discovery: string;
  apiServer: string;
}

/** The machine double's command line for a machine whose disk has Talos. */
export function machineFlags(spec: MachineSpec, paths: MachinePaths, waitForCni: boolean): string[] {
  const { hardware, disk } = spec;
  if (disk.os !== "talos") throw new Error(`machine ${spec.key}: its disk has no Talos image`);
  const flags: Record<string, string | number | undefined> = {
    key: spec.key,
    name: spec.name,
    addr: spec.address,
    "private-address": spec.privateAddress,
    platform: disk.platform,
    version: disk.version,
    schematic: disk.schematicId || undefined,
    extensions: disk.extensions?.join(","),
    dir: paths.disk,
    userdata: paths.userData,
    netmap: paths.netmap,
    discovery: paths.discovery,
    apiserver: paths.apiServer,
    location: spec.location,
    "server-type": spec.serverType,
    architecture: hardware.architecture,
    cores: hardware.cores,
    "memory-gib": hardware.memoryGiB,
    "disk-gib": hardware.diskGiB,
    "gpu-vendor": hardware.gpus?.vendor,
    "gpu-count": hardware.gpus?.count,
    "gpu-model": hardware.gpus?.model,
    "gpu-memory-mib": hardware.gpus?.memoryMiB,
    "gpu-driver": hardware.gpus?.driver,
    "gpu-open-modules-only": hardware.gpus?.openModulesOnly === true ? "true" : undefined,
  };
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return [...given.map(([name, value]) => `-${name}=${value}`), ...(waitForCni ? ["-wait-for-cni"] : [])];
}

/** The simulated network: what private address is which loopback address. Aliases are load balancers and the like. */
export function networkMap(specs: MachineSpec[], aliases: Record<string, string>): Record<string, string> {
  const machines = specs.flatMap((s) => (s.privateAddress === undefined ? [] : [[s.privateAddress, s.address]]));
  return { ...Object.fromEntries(machines), ...aliases };
}
