import { ModelCaches } from "../../../components/inference/cache";
import type { PlannedService } from "../../../components/inference/types";
import { SERVICE_BUCKETS } from "../../settings/backups";
import { keepsModelsInBucket } from "../../settings/model-caches";
import type { SystemContext, Systems } from "../context";

/** Models on disk, for every planned service; once they all run, `prune` removes what none of them loads. */
export function createModelCaches(
  { settings, platform, opts }: SystemContext,
  { objects, secrets }: Pick<Systems, "objects" | "secrets">,
  services: readonly PlannedService[],
): ModelCaches {
  const { cache, huggingFaceTokenSecret: token } = settings.inference;
  return new ModelCaches(
    "model-cache",
    {
      namespaces: platform.namespaces,
      environment: settings.environment,
      storage: platform.storage,
      services,
      storageGiB: cache.storageGiB,
      hubEndpoint: cache.hubEndpoint,
      token: token === undefined ? undefined : { secrets, name: token },
      // Rules have seen to it that there is a store where the bucket is asked for.
      bucket:
        objects !== undefined && keepsModelsInBucket(settings) ? { objects, name: SERVICE_BUCKETS.models } : undefined,
    },
    opts,
  );
}
