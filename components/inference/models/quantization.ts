import type { GpuVendor } from "../../hetzner/machines";
import type { Model } from "./types";

type Quantization = NonNullable<Model["quantization"]>;

/** Generations of GPUs that compute with weights packed like this; vendors that are missing: none. */
const support: Readonly<Record<Quantization, Readonly<Partial<Record<GpuVendor, "all" | readonly string[]>>>>> = {
  awq: { nvidia: "all", amd: "all", intel: "all" },
  // NVIDIA's before Ada unpack the weights on the way (Marlin); AMD's need CDNA 3 or RDNA 4.
  fp8: { nvidia: "all", amd: ["cdna3", "rdna4"], intel: "all" },
  mxfp4: { nvidia: "all", amd: ["cdna3"], intel: ["xe2"] },
};

/** Whether a GPU can compute with weights that are packed so. */
export function quantizationRuns(packed: Model["quantization"], vendor: GpuVendor, architecture: string): boolean {
  if (packed === undefined) return true;
  const generations = support[packed][vendor];
  return generations === "all" || generations?.includes(architecture) === true;
}
