import type { ModelCache } from "../../../components/inference/cache/types";
import type { ModelServer } from "../../../components/inference/model-server";
import { Ray } from "../../../components/inference/ray";
import type { PlannedService } from "../../../components/inference/types";
import { gpuMachines } from "../../settings/gpus";
import type { SystemContext } from "../context";

/** One Ray cluster for all services with the server `ray`; none of it where there is none. */
export function createRay(
  { settings, platform, opts }: SystemContext,
  planned: readonly PlannedService[],
  cache: ModelCache,
): readonly ModelServer[] {
  const services = planned.filter(({ server }) => server === "ray");
  if (services.length === 0) return [];
  const sharing = new Map(gpuMachines(settings).map((machine) => [machine.name, machine.sharing.strategy]));
  const { image } = settings.inference.ray;
  const ray = new Ray(
    "ray",
    {
      charts: platform.charts,
      namespaces: platform.namespaces,
      services,
      sharingOf: (machine) => sharing.get(machine) ?? "none",
      cache,
      ...(image === undefined ? {} : { image }),
    },
    opts,
  );
  return ray.servers;
}
