import { deviceOf, gpuModels } from "../../../../../components/inference/gpu/table";
import type { GpuMachine, GpuSharing } from "../../../../../components/inference/gpu/types";

/** A machine with one GPU, as the settings would have it. */
export function gpuMachine(
  strategy: GpuSharing["strategy"],
  slices = 1,
  model = "RTX PRO 6000 Blackwell Max-Q",
  more: Partial<GpuMachine> = {},
): GpuMachine {
  const { name, vendor, architecture, driver, memoryMiB } = gpuModels[model]!;
  const device = deviceOf(driver);
  return {
    name: `${vendor}-${strategy}-${slices}`,
    pool: "gpu",
    vendor,
    model: name,
    architecture,
    driver,
    memoryMiB,
    count: 1,
    sharing: { strategy, slices },
    device,
    taints: [{ key: device, value: "present", effect: "NoSchedule" }],
    ...more,
  };
}
