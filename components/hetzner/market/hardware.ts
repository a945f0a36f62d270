import { dedicatedModels } from "./dedicated";
import type { Demand } from "./types";

/** Model of machines that are not Hetzner's. */
export const OWN = "own";

export function isOwn({ model }: { readonly model: string }): boolean {
  return model === OWN;
}

/** What a dedicated machine has and costs, whoever it belongs to. */
export interface DedicatedHardware {
  readonly cores: number;
  readonly memoryGiB: number;
  /** EUR for each month, net; undefined when no price is on record. */
  readonly monthlyEur?: number;
  /** EUR once, net; undefined when no price is on record. One's own machines are there: nothing. */
  readonly setupEur?: number;
}

/** undefined for a model that is not in the table, and for a machine of one's own that says nothing of itself. */
export function hardwareOf(
  machine: Pick<Demand["dedicated"][number], "model" | "hardware">,
): DedicatedHardware | undefined {
  if (isOwn(machine)) return machine.hardware && { ...machine.hardware, setupEur: 0 };
  return Object.hasOwn(dedicatedModels, machine.model) ? dedicatedModels[machine.model] : undefined;
}
