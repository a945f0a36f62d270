import { ClickHouse } from "../../components/data/clickhouse";
import { durableClass } from "../../components/platform";
import { BACKUP_BUCKETS } from "../settings/backups";
import { clickhouseKeepers } from "../settings/schema/data/clickhouse";
import type { Systems } from "../systems";
import { settingsConsumer } from "./consumer";
import { type CreateArgs, connectionOf, type Made, type Services } from "./entry";

/** ClickHouse, with the databases of the settings. */
export function createClickhouse({ settings, platform, systems, opts }: CreateArgs<"clickhouse">): Made<ClickHouse> {
  const { charts, namespaces, storage } = platform;
  const { environment } = namespaces.get("db");
  const clickhouse = new ClickHouse(
    "clickhouse",
    {
      charts,
      namespaces,
      certificates: systems.certificates,
      shards: settings.shards,
      replicas: settings.replicas,
      keepers: clickhouseKeepers(settings, environment),
      storageGiB: settings.storageGiB,
      storageClass: durableClass(storage),
      size: settings.size,
      backup: clickhouseBackup(settings.backup, systems),
    },
    opts,
  );
  const databases = settings.databases.map(({ name, readOnly, consumer }) =>
    clickhouse.database(name, { readOnly, consumer: settingsConsumer(consumer, platform) }),
  );
  const { host, port } = clickhouse;
  // By the user: a database may have one that writes and one that reads.
  const declared = Object.fromEntries(databases.map((database) => [database.user, connectionOf(database)]));
  return { component: clickhouse, outputs: { host, port, databases: declared } };
}

/** Rules have seen to it that there is a store where backups are switched on. */
function clickhouseBackup({ enabled, ...backup }: Services["clickhouse"]["backup"], { backups }: Systems) {
  return enabled && backups !== undefined
    ? { ...backup, objects: backups, bucket: BACKUP_BUCKETS.clickhouse }
    : undefined;
}
