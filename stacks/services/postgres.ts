import { Postgres } from "../../components/data/postgres";
import { durableClass } from "../../components/platform";
import { BACKUP_BUCKETS } from "../settings/backups";
import type { Systems } from "../systems";
import { settingsConsumer } from "./consumer";
import { type CreateArgs, connectionOf, type Made, type Services } from "./entry";

/** PostgreSQL, with the databases of the settings. */
export function createPostgres({ settings, platform, systems, opts }: CreateArgs<"postgres">): Made<Postgres> {
  const postgres = new Postgres(
    "postgres",
    {
      charts: platform.charts,
      namespaces: platform.namespaces,
      certificates: systems.certificates,
      instances: settings.instances,
      storageGiB: settings.storageGiB,
      storageClass: durableClass(platform.storage),
      size: settings.size,
      pooler: postgresPooler(settings.pooler),
      backup: postgresBackup(settings.backup, systems),
    },
    opts,
  );
  const databases = settings.databases.map(({ name, extensions, pooled, consumer }) =>
    postgres.database(name, { extensions, pooled, consumer: settingsConsumer(consumer, platform) }),
  );
  const port = settings.gatewayPort;
  if (port !== undefined) {
    systems.gateway?.tcpRoute("postgres", { port, backend: postgres.backend() }, { dependsOn: [postgres] });
  }
  const outputs = {
    host: postgres.host,
    port: postgres.port,
    databases: Object.fromEntries(databases.map((database) => [database.database, connectionOf(database)])),
  };
  return { component: postgres, outputs };
}

function postgresPooler({ enabled, ...pooler }: Services["postgres"]["pooler"]) {
  return enabled ? pooler : undefined;
}

/** Rules have seen to it that there is a store where backups are switched on. */
function postgresBackup({ enabled, ...backup }: Services["postgres"]["backup"], { backups, certificates }: Systems) {
  return enabled && backups !== undefined
    ? { ...backup, objects: backups, certificates, bucket: BACKUP_BUCKETS.postgres }
    : undefined;
}
