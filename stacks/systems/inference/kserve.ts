import type { ModelCache } from "../../../components/inference/cache";
import { engineContainer } from "../../../components/inference/engines";
import { KServe, KServeServer } from "../../../components/inference/kserve";
import type { ModelServer } from "../../../components/inference/model-server";
import type { PlannedService } from "../../../components/inference/types";
import type { LateSystems, SystemContext } from "../context";

/** KServe, and what it runs; nothing of it where no service asks for it. */
export function createKServe(
  { platform, opts }: SystemContext,
  { certificates }: LateSystems,
  services: readonly PlannedService[],
  cache: ModelCache,
): readonly ModelServer[] {
  const own = services.filter(({ server }) => server === "kserve");
  if (own.length === 0) return [];
  // The rule kserve-needs-certificates has made sure of it.
  if (certificates === undefined) throw new Error("KServe needs orrery:certificates.enabled.");
  const { charts, namespaces } = platform;
  const operator = new KServe({ charts, namespaces, certificates }, opts);
  return own.map((service) => {
    const files = cache.files(service);
    return new KServeServer({ namespaces, service, container: engineContainer(service, files), files, operator }, opts);
  });
}
