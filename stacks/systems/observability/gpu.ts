import type { GpuSupply } from "../../../components/inference/gpu";
import { after } from "../../../components/kit/options";
import { GpuExporter } from "../../../components/observability/gpu";
import { GpuVendor } from "../../settings/schema/machines";
import type { SystemContext } from "../context";

/** An exporter for each vendor whose GPUs the environment's machines have; NVIDIA's is run by the supply's RuntimeClass. */
export function createGpuExporters({ settings, platform, opts }: SystemContext, gpus?: GpuSupply): void {
  const { namespaces } = platform;
  for (const vendor of GpuVendor.options) {
    const machines = settings.dedicated.filter(({ gpu }) => gpu?.vendor === vendor);
    if (machines.length === 0) continue;
    const taints = machines.flatMap((machine) => machine.taints);
    new GpuExporter({ namespaces, vendor, taints }, after(opts, gpus?.ready[vendor]));
  }
}
