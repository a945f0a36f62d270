import type { MetricsStore } from "../../../components/observability/stores";
import { Tempo } from "../../../components/observability/tempo";
import { durableClass } from "../../../components/platform";
import { SERVICE_BUCKETS } from "../../settings/backups";
import { tempoReplicas, tempoVolumeGiB, tracesBucketDays, tracesInBucket } from "../../settings/observability";
import type { LateSystems, SystemContext } from "../context";

/** Tempo, where traces are taken. */
export function createTraces(
  { settings, platform, opts }: SystemContext,
  { objects }: Pick<LateSystems, "objects">,
  metrics: MetricsStore,
): Tempo | undefined {
  const { traces, size } = settings.observability;
  if (!traces.enabled) return undefined;
  const { retentionDays, jaeger } = traces;
  const inBucket = objects !== undefined && tracesInBucket(settings);
  return new Tempo(
    "tempo",
    {
      namespaces: platform.namespaces,
      cluster: settings.cluster.name,
      replicas: tempoReplicas(settings),
      size,
      retentionDays,
      storageGiB: tempoVolumeGiB(settings),
      storageClass: durableClass(platform.storage),
      bucket: inBucket ? { objects, name: SERVICE_BUCKETS.tempo, expireDays: tracesBucketDays(settings) } : undefined,
      metrics,
      jaeger,
    },
    opts,
  );
}
