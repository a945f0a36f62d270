import type { DatabaseServer } from "./database";
import { keeperIdentity, keeperPods, METRICS_PORT, METRICS_PORT_NAME } from "./names";

/**
 * Of some three thousand names: everything that is measured, and of the counters of events those that somebody asks for.
 */
export const SERVER_METRICS = [
  "ClickHouseMetrics_.*",
  "ClickHouseAsyncMetrics_(Uptime|Replicas.*|Max.*|CGroup.*|Disk.*|Memory.*|Jemalloc.*|LoadAverage.*|Number.*|Total.*|Keeper.*|OS(User|System|IOWait)Time)",
  "ClickHouseProfileEvents_(Query|SelectQuery|InsertQuery|Failed.*Query|Inserted(Rows|Bytes)|Selected(Rows|Bytes)|Merge|Merged.*|RejectedInserts|DelayedInserts|ZooKeeper.*|Replicated.*|Keeper.*|S3.*|Network.*|QueryTimeMicroseconds|OSCPUVirtualTimeMicroseconds)",
].join("|");

/** Servers and Keepers say themselves how they are. */
export function declareMetrics(
  { name, identity, namespace, pods }: Pick<DatabaseServer, "name" | "identity" | "namespace" | "pods">,
  keepers: number,
): void {
  const port = { name: METRICS_PORT_NAME, port: METRICS_PORT };
  namespace.telemetry.metrics({ identity, pods, port, keep: SERVER_METRICS });
  if (keepers === 0) return;
  const keeper = { identity: keeperIdentity(name, namespace), pods: keeperPods(name, namespace.name) };
  namespace.telemetry.metrics({ ...keeper, port, keep: SERVER_METRICS });
}
