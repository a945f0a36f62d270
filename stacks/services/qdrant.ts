import { Qdrant } from "../../components/data/qdrant";
import type { RouteHandle } from "../../components/kit/route";
import { durableClass } from "../../components/platform";
import { BACKUP_BUCKETS } from "../settings/backups";
import { fullHost } from "../settings/routes";
import type { Systems } from "../systems";
import { settingsConsumer } from "./consumer";
import { type CreateArgs, connectionOf, type Made, type Services } from "./entry";

/** Qdrant, who uses it, and the way to it from outside. */
export function createQdrant({ settings, platform, systems, opts }: CreateArgs<"qdrant">): Made<Qdrant> {
  const qdrant = new Qdrant(
    "qdrant",
    {
      namespaces: platform.namespaces,
      certificates: systems.certificates,
      replicas: settings.replicas,
      storageGiB: settings.storageGiB,
      storageClass: durableClass(platform.storage),
      size: settings.size,
      backup: qdrantBackup(settings.backup, systems),
    },
    opts,
  );
  const declared = settings.collections.map(({ prefix, consumer, ...rest }) => {
    const collections = qdrant.collections(prefix, { ...rest, consumer: settingsConsumer(consumer, platform) });
    return [prefix, connectionOf(collections)] as const;
  });
  const { host, port, secretNamespace: namespace, secretName } = qdrant;
  const route = settings.host === undefined ? undefined : exposeQdrant(qdrant, settings.host, systems);
  return {
    component: qdrant,
    outputs: {
      host,
      port,
      secret: { namespace, name: secretName },
      ...(declared.length === 0 ? {} : { declared: { collections: Object.fromEntries(declared) } }),
      ...(route && { url: route.url }),
    },
  };
}

/** Clients show the API key; a search over a large collection takes its time. */
function exposeQdrant(qdrant: Qdrant, host: string, { gateway }: Systems): RouteHandle | undefined {
  return gateway?.route(
    "qdrant",
    { host: fullHost(host, gateway.domain), backend: qdrant.backend, timeoutSeconds: 300 },
    { dependsOn: [qdrant] },
  );
}

/** Rules have seen to it that there is a store where backups are switched on. */
function qdrantBackup({ enabled, schedule, retentionDays }: Services["qdrant"]["backup"], { backups }: Systems) {
  return enabled && backups !== undefined
    ? { objects: backups, bucket: BACKUP_BUCKETS.qdrant, schedule, retentionDays }
    : undefined;
}
