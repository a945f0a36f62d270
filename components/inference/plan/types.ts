import type { ModelServiceSettings } from "../../../stacks/settings/schema/inference";
import type { Environment } from "../../kit/sizes";
import type { GpuMachine } from "../gpu/types";
import type { Model } from "../models/types";
import type { PlannedService } from "../types";

export interface PlanInput {
  readonly environment: Environment;
  readonly machines: readonly GpuMachine[];
  /** By name: those of the catalogue and those of the settings. */
  readonly models: Readonly<Record<string, Model>>;
  readonly services: Readonly<Record<string, ModelServiceSettings>>;
}

/** A service that will not run, and why: one sentence for each machine, or what is wrong with it. */
export interface LeftOut {
  readonly name: string;
  readonly reasons: readonly string[];
}

/** One GPU of one machine, and what is on it. */
export interface PlannedGpu {
  readonly machine: string;
  /** Number in its machine, from 0. */
  readonly gpu: number;
  readonly model: string;
  readonly memoryMiB: number;
  /** `share` is what it takes: of a GPU in parts, whole parts. */
  readonly services: readonly { readonly name: string; readonly needMiB: number; readonly share: number }[];
  readonly leftMiB: number;
  readonly leftShare: number;
}

/** Which model runs where: known before anything is created. */
export interface InferencePlan {
  /** In the order of the settings. */
  readonly services: readonly PlannedService[];
  readonly leftOut: readonly LeftOut[];
  /** Every GPU of the cluster, also empty ones. */
  readonly gpus: readonly PlannedGpu[];
}
