import { Mimir } from "../../../components/observability/mimir";
import type { MetricsStore } from "../../../components/observability/stores";
import { durableClass } from "../../../components/platform";
import { SERVICE_BUCKETS } from "../../settings/backups";
import { keepsMetricsLong, mimirMaxSeries, mimirReplicas, mimirStorageGiB } from "../../settings/observability";
import type { LateSystems, SystemContext } from "../context";

/** Where metrics are kept for years, if they are: rules have seen to it that there are buckets. */
export function createLongTerm(
  { settings, platform, opts }: SystemContext,
  { objects }: Pick<LateSystems, "objects">,
): MetricsStore | undefined {
  if (!keepsMetricsLong(settings) || objects === undefined) return undefined;
  const { metrics, size } = settings.observability;
  return new Mimir(
    "mimir",
    {
      namespaces: platform.namespaces,
      cluster: settings.cluster.name,
      replicas: mimirReplicas(settings),
      retentionDays: metrics.longTerm.retentionDays,
      storageGiB: mimirStorageGiB(settings),
      storageClass: durableClass(platform.storage),
      maxSeries: mimirMaxSeries(settings),
      size,
      objects,
      bucket: SERVICE_BUCKETS.mimir,
    },
    opts,
  );
}
