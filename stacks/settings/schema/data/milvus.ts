import { z } from "zod";
import { doc } from "../doc";
import { backup, ConsumerSettings, deleteData, enabled, replicas, size, storageGiB } from "./common";

const Collections = z.strictObject({
  prefix: doc(z.string(), "Name of the database that its collections are in, with underscores for hyphens.", {
    allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 31; unique",
    replaces: "the database; the old one is kept",
  }),
  protocol: doc(z.enum(["grpc", "http"]).default("grpc"), "How the consumer talks to it.", {
    replaces: "Secret and network path",
  }),
  consumer: ConsumerSettings,
});

const Etcd = z.strictObject({
  replicas: doc(z.number().int().min(1).max(7).optional(), "Members of the etcd that keeps the metadata.", {
    allowed: "1, 3, 5 or 7; not 1 in prod; not more than nodes that take pods",
    defaultText: "3, or 1 with one replica of Milvus",
    replaces: "nothing by itself: new members do not join (docs/data/milvus.md)",
  }),
  storageGiB: storageGiB(10, 2),
});

export const MilvusSettings = z.strictObject({
  enabled: enabled("Milvus, by its operator; its vectors are in a bucket of `objects`"),
  replicas: replicas(
    "Copies of each part: proxies, coordinators, query, data and streaming nodes. 1 is one process that does everything.",
    "1 to 9; not 1 in prod; not more than nodes that take pods",
  ),
  size,
  etcd: doc(Etcd.prefault({}), "The etcd of its own."),
  collections: doc(z.array(Collections).default([]), "Databases for collections, each with a user of its own."),
  backup: backup("Snapshots of the metadata; the vectors are in the bucket.", "20 2 * * *"),
  deleteData,
});

/** Members of the etcd, where the settings leave it open. */
export function etcdReplicas({ replicas: copies, etcd }: z.output<typeof MilvusSettings>): number {
  return etcd.replicas ?? (copies > 1 ? 3 : 1);
}
