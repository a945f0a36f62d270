import { z } from "zod";
import { doc } from "../doc";
import { backup, ConsumerSettings, console, deleteData, enabled, replicas, size, storageGiB } from "./common";

const Index = z.strictObject({
  name: doc(z.string(), "Name of the index, or of the data stream.", {
    allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 40; unique",
    replaces: "the index; the old one is kept",
  }),
  retentionDays: doc(
    z.number().int().min(1).max(3650).optional(),
    "Days that a document is kept at least. With it, it is a data stream: documents are added, and never changed.",
    {
      defaultText: "for ever: an index whose documents can be changed",
      allowed: "1 to 3650; not added or taken away later: an index does not become a stream",
    },
  ),
  shards: doc(z.number().int().min(1).max(16).default(1), "Primary shards; one for up to about 50 GB.", {
    allowed: "1 to 16",
    replaces: "nothing: only indices that are made later have it",
  }),
  replicas: doc(z.number().int().min(0).max(8).optional(), "Copies of each shard, beside the primary.", {
    defaultText: "1, or 0 with one node",
    allowed: "less than `nodes`; not 0 in prod",
  }),
  access: doc(z.enum(["read", "write", "manage"]).default("write"), "What its user may do with it.", {
    allowed: "`read`; `write`: documents and new fields as well; `manage`: all of mapping and settings as well",
  }),
  consumer: ConsumerSettings,
});

export const ElasticsearchSettings = z.strictObject({
  enabled: enabled("Elasticsearch, by ECK"),
  nodes: replicas(
    "Nodes; each keeps data, and votes.",
    "1, 3, 5, 7 or 9; not 1 in prod; not more than nodes that take pods",
  ),
  storageGiB: storageGiB(20, 10),
  size,
  indices: doc(z.array(Index).default([]), "Indices and data streams to create, each with a user of its own."),
  kibana: console("Kibana, behind sign-in; people then log in to Elasticsearch."),
  backup: backup("Make snapshots.", "30 1 * * *"),
  deleteData,
});
