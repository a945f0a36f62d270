import { z } from "zod";
import { PostgresBackup } from "../backup";
import { doc } from "../doc";
import { ConsumerSettings, deleteData, gatewayPort, replicas, size, storageGiB } from "./common";

const Database = z.strictObject({
  name: doc(z.string(), "Name of the database and of the role that owns it.", {
    allowed: "a lower-case letter, then lower-case letters, digits and underscores, at most 63; unique",
    replaces: "the database; the old one is kept",
  }),
  extensions: doc(z.array(z.string()).default([]), "PostgreSQL extensions to create in it.", {
    allowed: "those in the image, e.g. `vector` (pgvector), `pg_trgm`, `pgcrypto`, `uuid-ossp`",
  }),
  pooled: doc(z.boolean().default(false), "Its clients connect to the pooler instead of the server.", {
    allowed: "true only while `pooler.enabled` is true",
  }),
  consumer: ConsumerSettings,
});

const Pooler = z.strictObject({
  enabled: doc(z.boolean().default(false), "Run PgBouncer in front of the primary, for databases that say `pooled`."),
  instances: doc(z.number().int().min(1).max(9).optional(), "PgBouncers.", {
    allowed: "1 to 9",
    defaultText: "2 in prod, 1 in dev",
  }),
  mode: doc(
    z.enum(["transaction", "session"]).default("transaction"),
    "When a connection to PostgreSQL is given to another client: after each transaction, or when the client leaves.",
    { allowed: "`session` for clients that keep something in their session: `LISTEN`, advisory locks, `SET`" },
  ),
  maxClientConnections: doc(z.number().int().min(10).max(10_000).default(1000), "Clients of each PgBouncer.", {
    allowed: "10 to 10000",
  }),
  poolSize: doc(
    z.number().int().min(1).max(150).default(20),
    "Connections of each PgBouncer to PostgreSQL, for each pooled database.",
    { allowed: "1 to 150; all together at most 150, of the 200 that PostgreSQL takes" },
  ),
});

export const PostgresSettings = z.strictObject({
  enabled: doc(z.boolean().default(false), "Run PostgreSQL (CloudNativePG)."),
  instances: replicas(
    "A primary and its replicas.",
    "1 to 9; 3, 5, 7 or 9 in prod; not more than nodes that take pods",
  ),
  storageGiB: storageGiB(),
  size,
  databases: doc(z.array(Database).default([]), "Databases to create."),
  pooler: doc(Pooler.prefault({}), "Many clients on few connections: PgBouncer."),
  gatewayPort: gatewayPort(
    "Port of the gateway at which clients outside reach the primary; they need a role's password, and TLS.",
  ),
  backup: doc(PostgresBackup.prefault({}), "Backups to the store of `backup.store`; needs cert-manager."),
  deleteData,
});
