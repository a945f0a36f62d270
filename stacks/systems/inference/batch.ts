import { Volcano } from "../../../components/inference/batch";
import { gpuMachines } from "../../settings/gpus";
import type { SystemContext } from "../context";

/** Queues for jobs, on what the model services leave. */
export function createBatch({ settings, platform, opts }: SystemContext): Volcano | undefined {
  const { batch } = settings.inference;
  if (!batch.enabled) return undefined;
  const { namespaces, charts } = platform;
  const machines = gpuMachines(settings);
  const devicesOf = (vendor?: string) => [
    ...new Set(
      machines.flatMap((machine) => (vendor === undefined || machine.vendor === vendor ? [machine.device] : [])),
    ),
  ];
  const queues = batch.queues.map((queue) => ({ ...queue, devices: devicesOf(queue.gpuVendor) }));
  return new Volcano("volcano", { namespaces, charts, queues }, opts);
}
