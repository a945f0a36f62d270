import { type CacheKind, cacheKind, type PlannedCache, planCaches } from "../../components/inference/cache/plan";
import { durableKind, hasKind } from "../../components/platform/storage";
import { planInference } from "./inference";
import type { Settings } from "./schema";
import type { PlannedVolumes } from "./volumes";

/** The volumes of models; none while inference is off. */
export function plannedCaches(settings: Settings): PlannedCache[] {
  return planCaches(planInference(settings).services, settings.inference.cache);
}

/** What a volume of models is on; undefined where there is no storage for it. */
export function cacheKindOf(cache: PlannedCache, { environment, storage }: Settings): CacheKind | undefined {
  const kinds: CacheKind[] = (["local", "cloud", "replicated"] as const).filter((kind) => hasKind(storage, kind));
  if (storage.nfs.enabled) kinds.push("shared");
  return cacheKind(cache, { environment, kinds, durable: durableKind(storage) });
}

/** Whether models are kept in a bucket for all machines. */
export function keepsModelsInBucket({ environment, inference, objects }: Settings): boolean {
  return inference.cache.bucket ?? (environment === "prod" && objects.kind !== "off");
}

/** NFS is outside of the cluster, and costs what it costs. */
export function cacheVolumes(settings: Settings): PlannedVolumes[] {
  return plannedCaches(settings).flatMap((cache) => {
    const kind = cacheKindOf(cache, settings);
    if (kind === undefined || kind === "shared") return [];
    return [
      {
        setting: "inference.cache",
        countSetting: "inference.services",
        count: 1,
        sizeSetting: "inference.cache.storageGiB",
        storageGiB: cache.storageGiB,
        kind,
      },
    ];
  });
}
