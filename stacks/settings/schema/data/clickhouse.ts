import { z } from "zod";
import type { Environment } from "../../../../components/kit/sizes";
import { doc } from "../doc";
import { backup, ConsumerSettings, deleteData, enabled, replicas, size, storageGiB } from "./common";

const Database = z.strictObject({
  name: doc(z.string(), "Name of the database, and of the user that writes it.", {
    allowed: "a lower-case letter, then lower-case letters, digits and underscores, at most 40",
    replaces: "the database; the old one is kept",
  }),
  readOnly: doc(z.boolean().default(false), "The user may only read, and is called <name>_reader.", {
    allowed: "a database may stand here twice: once for who writes it, once for who reads it",
    replaces: "the user",
  }),
  consumer: ConsumerSettings,
});

export const ClickHouseSettings = z.strictObject({
  enabled: enabled("ClickHouse, by the Altinity operator"),
  shards: doc(z.number().int().min(1).max(9).default(1), "Parts that the tables are divided into.", {
    allowed: "1 to 9; shards x replicas not more than nodes that take pods",
  }),
  replicas: replicas("Copies of each part.", "1 to 9; 2 or more in prod; shards x replicas not more than nodes"),
  keepers: doc(
    z.number().int().min(0).max(9).optional(),
    "ClickHouse Keepers: by them replicas agree. Without any, nothing is replicated, and it cannot be added later.",
    {
      allowed: "0 with a single server only, else 1, 3, 5, 7 or 9; 3 or more in prod",
      defaultText: "none for a single server; else 3 in prod, and 1 in dev",
    },
  ),
  storageGiB: storageGiB(20, 10),
  size,
  databases: doc(z.array(Database).default([]), "Databases to create."),
  backup: backup("Have the servers write all databases to a bucket of their own.", "30 1 * * *"),
  deleteData,
});

export type ClickHouseSettings = z.output<typeof ClickHouseSettings>;

/** Servers: each has a node and a volume of its own. */
export function clickhouseServers({ shards, replicas: copies }: ClickHouseSettings): number {
  return shards * copies;
}

/** Keepers, where the settings leave it open: none for a server alone, one in dev, and in prod one may be lost. */
export function clickhouseKeepers(clickhouse: ClickHouseSettings, environment: Environment): number {
  return clickhouse.keepers ?? (clickhouseServers(clickhouse) === 1 ? 0 : environment === "prod" ? 3 : 1);
}
