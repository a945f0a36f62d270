import { LogShipper } from "../../../components/observability/agents";
import { Loki } from "../../../components/observability/loki";
import type { LogStore } from "../../../components/observability/stores";
import { durableClass } from "../../../components/platform";
import { SERVICE_BUCKETS } from "../../settings/backups";
import { logsBucketDays, logsInBucket, lokiReplicas, lokiVolumeGiB } from "../../settings/observability";
import type { LateSystems, SystemContext } from "../context";

/** Loki, where logs are kept. */
export function createLogs(
  { settings, platform, opts }: SystemContext,
  { objects }: Pick<LateSystems, "objects">,
): Loki | undefined {
  const { logs, size } = settings.observability;
  if (!logs.enabled) return undefined;
  const { retentionDays, ingestionMiBPerSecond, maxStreams } = logs;
  const inBucket = objects !== undefined && logsInBucket(settings);
  return new Loki(
    "loki",
    {
      namespaces: platform.namespaces,
      replicas: lokiReplicas(settings),
      size,
      retentionDays,
      ingestionMiBPerSecond,
      maxStreams,
      storageGiB: lokiVolumeGiB(settings),
      storageClass: durableClass(platform.storage),
      bucket: inBucket ? { objects, name: SERVICE_BUCKETS.loki, expireDays: logsBucketDays(settings) } : undefined,
    },
    opts,
  );
}

/** What reads the logs of every node, where they are kept. */
export function createAgents({ settings, platform, opts }: SystemContext, store: LogStore | undefined): void {
  if (store === undefined) return;
  const { shipper: kind } = settings.observability.logs;
  const { charts, namespaces } = platform;
  new LogShipper(kind, { kind, charts, namespaces, cluster: settings.cluster.name, store }, opts);
}
