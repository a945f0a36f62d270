import type { ProbeArgs } from "../../kit/probes";
import { type Resources, resources } from "../../kit/sizes";
import type { ScratchVolume } from "../../kit/volumes";
import type { PlannedService } from "../types";
import { ENGINE_PORT_NAME } from "./types";

/** What a disk or a network volume gives at least while others read too, in MiB a second. */
const SLOWEST_READ_MIB = 100;

/** What a program may take before and after it reads the weights: libraries, the GPU's context, compiled kernels. */
const STARTUP_SECONDS = 300;

/** Longest wait for answers under way: a drained node waits no longer. */
const LONGEST_GRACE_SECONDS = 120;

export const TMP = "/tmp";

/** A writable /tmp, which is HOME too: the root file system is read-only. */
export function tmp(sizeLimitMiB: number): ScratchVolume {
  return { name: "tmp", path: TMP, sizeLimitMiB };
}

/** Nobody asks the internet for models, or tells it what is done with them. */
export const OFFLINE: Readonly<Record<string, string>> = {
  HOME: TMP,
  HF_HOME: `${TMP}/huggingface`,
  HF_HUB_OFFLINE: "1",
  TRANSFORMERS_OFFLINE: "1",
  HF_HUB_DISABLE_TELEMETRY: "1",
  DO_NOT_TRACK: "1",
};

/** The same question for both: a program that does not answer any more is restarted, whatever it waits for. */
export function httpProbes(path: string, { model }: PlannedService, moreSeconds = 0): ProbeArgs {
  const check = { http: path, port: ENGINE_PORT_NAME };
  const reading = Math.ceil(model.weightsMiB / SLOWEST_READ_MIB);
  return { ready: check, live: check, startupSeconds: STARTUP_SECONDS + reading + moreSeconds };
}

/** CPU and memory as planned; a device is asked for by its limit. */
export function engineResources({ host, place }: PlannedService): Resources {
  const { requests, limits } = resources(host.cpuMillicores, host.memoryMiB);
  if (place.kind === "cpu") return { requests, limits };
  return { requests, limits: { ...limits, [place.device.name]: String(place.device.count) } };
}

/** Threads that compute: the whole cores that are asked for. */
export function threads({ host }: PlannedService): number {
  return Math.max(1, Math.round(host.cpuMillicores / 1000));
}

export function graceSeconds({ timeoutSeconds }: PlannedService): number {
  return Math.max(30, Math.min(timeoutSeconds, LONGEST_GRACE_SECONDS));
}

export function onGpu(service: PlannedService): boolean {
  return service.place.kind === "gpu";
}
