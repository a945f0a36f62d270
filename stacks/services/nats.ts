import { Nats } from "../../components/data/nats";
import { durableClass } from "../../components/platform";
import { BACKUP_BUCKETS } from "../settings/backups";
import type { Systems } from "../systems";
import { settingsConsumer } from "./consumer";
import { type CreateArgs, connectionOf, type Made, type Services } from "./entry";

/** NATS, with the streams and clients of the settings. */
export function createNats({ settings, platform, systems, opts }: CreateArgs<"nats">): Made<Nats> {
  const nats = new Nats(
    "nats",
    {
      charts: platform.charts,
      namespaces: platform.namespaces,
      certificates: systems.certificates,
      replicas: settings.replicas,
      storageGiB: settings.storageGiB,
      memoryStorageMiB: settings.memoryStorageMiB,
      storageClass: durableClass(platform.storage),
      size: settings.size,
      backup: natsBackup(settings.backup, systems),
    },
    opts,
  );
  const streams = new Map(settings.streams.map((definition) => [definition.name, nats.stream(definition)]));
  // Rules have seen to it that each name is one of them.
  const named = (names: readonly string[]) => names.flatMap((name) => streams.get(name) ?? []);
  const clients = settings.clients.map(({ name, publish, subscribe, consumer }) => {
    const access = { publish: named(publish), subscribe: named(subscribe.map(({ stream }) => stream)) };
    return [name, nats.client(name, { ...access, consumer: settingsConsumer(consumer, platform) })] as const;
  });
  const { host, port } = nats;
  const declared = { clients: Object.fromEntries(clients.map(([name, client]) => [name, connectionOf(client)])) };
  return { component: nats, outputs: { host, port, declared } };
}

/** Rules have seen to it that there is a store where backups are switched on. */
function natsBackup({ enabled, ...backup }: Services["nats"]["backup"], { backups }: Systems) {
  return enabled && backups !== undefined ? { ...backup, objects: backups, bucket: BACKUP_BUCKETS.nats } : undefined;
}
