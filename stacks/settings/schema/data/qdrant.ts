import { z } from "zod";
import { doc } from "../doc";
import { backup, ConsumerSettings, deleteData, enabled, host, replicas, size, storageGiB } from "./common";

const Collections = z.strictObject({
  prefix: doc(z.string(), "What the names of its collections begin with.", {
    allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 31; unique",
    replaces: "the Secret",
  }),
  names: doc(
    z.array(z.string()).default([]),
    "Collections that it may read and write, and no others. Somebody with the API key makes them.",
    { allowed: "names that begin with the prefix", defaultText: "none: it gets the API key, which may do everything" },
  ),
  readOnly: doc(z.boolean().default(false), "It may read only: the collections of `names`, or all of them without."),
  protocol: doc(z.enum(["http", "grpc"]).default("http"), "How the consumer talks to it.", {
    replaces: "Secret and network path",
  }),
  consumer: ConsumerSettings,
});

export const QdrantSettings = z.strictObject({
  enabled: enabled("Qdrant"),
  replicas: replicas(
    "Members of the Qdrant cluster.",
    "1, 3, 5, 7 or 9; not 1 in prod; not more than nodes that take pods",
  ),
  storageGiB: storageGiB(),
  size,
  host: host("clients outside reach it; they need the API key"),
  collections: doc(z.array(Collections).default([]), "Who uses it, and which collections."),
  backup: backup("Snapshots of every collection, of each member.", "50 1 * * *"),
  deleteData,
});
