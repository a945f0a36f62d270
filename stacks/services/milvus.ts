import { Milvus } from "../../components/data/milvus";
import type { Objects } from "../../components/kit/bucket";
import { durableClass } from "../../components/platform";
import { BACKUP_BUCKETS, SERVICE_BUCKETS } from "../settings/backups";
import { etcdReplicas } from "../settings/schema/data/milvus";
import type { Systems } from "../systems";
import { settingsConsumer } from "./consumer";
import { type CreateArgs, connectionOf, type Made, type Services } from "./entry";

/** Milvus on the platform's buckets, with the databases of the settings. */
export function createMilvus({ settings, platform, systems, opts }: CreateArgs<"milvus">): Made<Milvus> {
  const milvus = new Milvus(
    "milvus",
    {
      charts: platform.charts,
      namespaces: platform.namespaces,
      objects: objectsOf(systems),
      bucket: SERVICE_BUCKETS.milvus,
      certificates: systems.certificates,
      replicas: settings.replicas,
      size: settings.size,
      etcd: {
        replicas: etcdReplicas(settings),
        storageGiB: settings.etcd.storageGiB,
        storageClass: durableClass(platform.storage),
      },
      backup: milvusBackup(settings.backup, systems),
    },
    opts,
  );
  const declared = settings.collections.map(({ prefix, protocol, consumer }) => {
    const collections = milvus.collections(prefix, { protocol, consumer: settingsConsumer(consumer, platform) });
    return [prefix, connectionOf(collections)] as const;
  });
  const { host, port, namespace, rootSecret } = milvus;
  return {
    component: milvus,
    outputs: {
      host,
      port,
      secret: { namespace: namespace.name, name: rootSecret },
      declared: { collections: Object.fromEntries(declared) },
    },
  };
}

/** Rules have seen to it that there is a store. */
function objectsOf({ objects }: Systems): Objects {
  if (objects === undefined) {
    throw new Error("services.milvus needs a bucket, and objects.kind is off. Set orrery:objects.kind to minio.");
  }
  return objects;
}

function milvusBackup({ enabled, schedule, retentionDays }: Services["milvus"]["backup"], { backups }: Systems) {
  return enabled && backups !== undefined
    ? { objects: backups, bucket: BACKUP_BUCKETS.milvus, schedule, retentionDays }
    : undefined;
}
