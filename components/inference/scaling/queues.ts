import type { PlannedService, Program } from "../types";

/** Programs that say how many requests wait. Of the others it is only known at the gateway that somebody asks. */
export const programsWithQueue: readonly Program[] = ["vllm", "tei", "llamacpp"];

/** Whether KEDA looks after it; Ray scales by itself. */
export function isScaledByKeda({ server, scaling }: Pick<PlannedService, "server" | "scaling">): boolean {
  return scaling !== undefined && server !== "ray";
}
