import type { Objects } from "../../components/kit/bucket";
import { durableClass } from "../../components/platform";
import { ExternalObjects, Minio } from "../../components/platform/objects";
import { settingsConsumer } from "../services/consumer";
import { plannedBackups } from "../settings/backups";
import type { SystemContext, Systems } from "./context";

type Needs = Pick<Systems, "secrets" | "certificates">;

/** Where services keep objects, as the settings say, and the buckets that the settings name. */
export function createObjects(context: SystemContext, systems: Needs): Objects | undefined {
  const store = createStore(context, systems);
  for (const { name, consumer, ...rules } of context.settings.objects.buckets) {
    store?.declare(name, { ...rules, consumer: settingsConsumer(consumer, context.platform) });
  }
  return store;
}

/** Where backups go: with the services' objects, or to a store of their own outside. */
export function createBackupStore(
  context: SystemContext,
  { secrets, objects }: Pick<Systems, "secrets" | "objects">,
): Objects | undefined {
  const own = context.settings.backup.store === "external" && context.settings.objects.kind !== "external";
  return own && plannedBackups(context.settings).length > 0
    ? createExternalObjects("backups", context, { secrets })
    : objects;
}

function createStore(context: SystemContext, systems: Needs): Minio | ExternalObjects | undefined {
  switch (context.settings.objects.kind) {
    case "off":
      return undefined;
    case "minio":
      return createMinio(context, systems);
    case "external":
      return createExternalObjects("objects", context, systems);
  }
}

function createMinio({ settings, platform, opts }: SystemContext, { certificates }: Needs): Minio {
  const { volumes, ...minio } = settings.objects.minio;
  const { namespaces, storage } = platform;
  const storageClass = (volumes === "local" ? storage.local : undefined) ?? durableClass(storage);
  return new Minio("minio", { ...minio, namespaces, certificates, storageClass }, opts);
}

/** The store outside; rules have seen to it that everything that it needs is set. */
function createExternalObjects(
  name: string,
  { settings, platform, opts }: SystemContext,
  { secrets }: Pick<Systems, "secrets">,
): ExternalObjects {
  const { endpoint = "", region = "", bucketPrefix = settings.cluster.name } = settings.objects.external;
  const { namespaces } = platform;
  return new ExternalObjects(name, { namespaces, secrets, endpoint, region, bucketPrefix }, opts);
}
