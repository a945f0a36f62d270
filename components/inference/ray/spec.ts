import type { ClaimVolume } from "../../kit/volumes";
import type { ModelFiles } from "../cache/types";
import type { PlannedService } from "../types";
import type { WorkerGroup } from "./groups";
import { RAY_VERSION } from "./names";
import { headGroup, type RayPodFacts, workerGroupSpec } from "./pods";
import { serveConfigText } from "./serve";

export interface RayServiceFacts extends RayPodFacts {
  readonly services: readonly PlannedService[];
  readonly groups: readonly WorkerGroup[];
  /** The files of a service's model on a machine; on the only place without one. */
  readonly filesOf: (service: PlannedService, machine?: string) => Pick<ModelFiles, "volume" | "directory">;
  /** The image has every package that the programs need. */
  readonly complete: boolean;
}

/** Spec of the ray.io/v1 RayService. */
export function rayServiceSpec(facts: RayServiceFacts) {
  const { services, groups, filesOf, complete } = facts;
  const directoryOf = (service: PlannedService) => filesOf(service, firstMachine(service)).directory;
  return {
    // A second cluster beside the first would wait for ever for GPUs that the first one has: Pulumi replaces the service.
    upgradeStrategy: { type: "None" },
    serveConfigV2: serveConfigText({ services, directoryOf, complete }),
    rayClusterConfig: {
      rayVersion: RAY_VERSION,
      enableInTreeAutoscaling: false,
      headGroupSpec: headGroup(
        facts,
        services.map(({ name }) => name),
      ),
      workerGroupSpecs: groups.map((group) => workerGroupSpec(group, facts, claimsOf(group, filesOf))),
    },
  };
}

const firstMachine = ({ place }: PlannedService) => (place.kind === "gpu" ? place.machines[0] : undefined);

/** Models of one machine share a claim: it is mounted once. */
function claimsOf({ services, machine }: WorkerGroup, filesOf: RayServiceFacts["filesOf"]): ClaimVolume[] {
  const volumes = services.map((service) => filesOf(service, machine).volume);
  return [...new Map(volumes.map((volume) => [volume.claim, volume])).values()];
}
