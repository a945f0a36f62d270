import type { ModelCache } from "../../../components/inference/cache";
import type { ModelServer } from "../../../components/inference/model-server";
import { PlainModelServer } from "../../../components/inference/servers";
import type { PlannedService } from "../../../components/inference/types";
import type { SystemContext } from "../context";

/** Every planned service whose engine runs as a plain Deployment; Ray's and KServe's are made by those. */
export function createPlainServers(
  { platform, opts }: SystemContext,
  services: readonly PlannedService[],
  cache: ModelCache,
): ModelServer[] {
  return services
    .filter(({ server }) => server !== "ray" && server !== "kserve")
    .map((service) => new PlainModelServer({ namespaces: platform.namespaces, service, cache }, opts));
}
