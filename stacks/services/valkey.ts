import { Valkey } from "../../components/data/valkey";
import { durableClass } from "../../components/platform";
import { settingsConsumer } from "./consumer";
import { type CreateArgs, connectionOf, type Made } from "./entry";

/** Valkey, with the caches of the settings. */
export function createValkey({ settings, platform, systems, opts }: CreateArgs<"valkey">): Made<Valkey> {
  const valkey = new Valkey(
    "valkey",
    {
      namespaces: platform.namespaces,
      certificates: systems.certificates,
      replicas: settings.replicas,
      storageGiB: settings.storageGiB,
      storageClass: durableClass(platform.storage),
      size: settings.size,
      eviction: settings.eviction,
    },
    opts,
  );
  const caches = settings.caches.map(({ name, durable, consumer }) =>
    valkey.cache(name, { durable, consumer: settingsConsumer(consumer, platform) }),
  );
  const { host, port } = valkey;
  const declared = { caches: Object.fromEntries(caches.map((cache) => [cache.user, connectionOf(cache)])) };
  return { component: valkey, outputs: { host, port, declared } };
}
