import { z } from "zod";
import { type ApplicationName, applications } from "../../../components/apps";
import { PostgresBackup } from "./backup";
import { doc } from "./doc";

const size = doc(z.enum(["small", "medium", "large"]).default("small"), "CPU and memory of each instance.");

const storageGiB = doc(
  z.number().int().min(1).max(10240).default(10),
  "Volume of each instance, in GiB. It can grow.",
  {
    allowed: "10 to 10240 on Hetzner volumes; cannot shrink",
  },
);

export const ChartSettings = z.strictObject({
  mirror: doc(z.string().optional(), "Stands in for every chart's repository, for air-gapped use.", {
    defaultText: "each chart's own repository",
    allowed: "https:// or http:// address or directory with an index.yaml, or an oci:// address",
  }),
});

const Database = z.strictObject({
  name: doc(z.string(), "Name of the database and of the role that owns it.", {
    allowed: "a lower-case letter, then lower-case letters, digits and underscores, at most 63; unique",
    replaces: "the database; the old one is kept",
  }),
  extensions: doc(z.array(z.string()).default([]), "PostgreSQL extensions to create in it.", {
    allowed: "those in the image, e.g. `vector` (pgvector), `pg_trgm`, `pgcrypto`, `uuid-ossp`",
  }),
});

/** Settings of an application: the same for each. */
function application(name: ApplicationName) {
  return doc(
    z
      .strictObject({
        enabled: doc(z.boolean().default(false), "Run it."),
        host: doc(z.string().optional(), "Name under which people reach it, through the gateway.", {
          defaultText: "none: inside the cluster only",
          allowed: "a label before cluster.domain, or a full DNS name",
          replaces: "its route",
        }),
        signIn: doc(
          z.boolean().default(true),
          "Ask people to sign in before they are let through, when there is an identity provider.",
        ),
        replicas: doc(z.number().int().min(1).max(9).default(1), "Copies.", { allowed: "1 to 9" }),
        size,
      })
      .prefault({}),
    `${applications[name].description}.`,
  );
}

export const ServiceSettings = z.strictObject({
  postgres: doc(
    z
      .strictObject({
        enabled: doc(z.boolean().default(false), "Run PostgreSQL (CloudNativePG)."),
        instances: doc(z.number().int().min(1).max(9).default(1), "A primary and its replicas.", {
          allowed: "1 to 9; 3, 5, 7 or 9 in prod; not more than nodes that take pods",
        }),
        storageGiB,
        size,
        databases: doc(z.array(Database).default([]), "Databases to create."),
        gatewayPort: doc(
          z.number().int().min(1).max(65535).optional(),
          "Port of the gateway at which clients outside reach the primary; they need a role's password, and TLS.",
          { allowed: "1 to 65535, each port of the gateway once", defaultText: "none: inside the cluster only" },
        ),
        backup: doc(PostgresBackup.prefault({}), "Backups to the store of `backup.store`; needs cert-manager."),
      })
      .prefault({}),
    "PostgreSQL with pgvector.",
  ),
  qdrant: doc(
    z
      .strictObject({
        enabled: doc(z.boolean().default(false), "Run Qdrant."),
        replicas: doc(z.number().int().min(1).max(9).default(1), "Members of the Qdrant cluster.", {
          allowed: "1, 3, 5, 7 or 9; not 1 in prod; not more than nodes that take pods",
        }),
        storageGiB,
        size,
        host: doc(z.string().optional(), "Name under which clients outside reach it; they need the API key.", {
          defaultText: "none: inside the cluster only",
          allowed: "a label before cluster.domain, or a full DNS name",
          replaces: "its route",
        }),
      })
      .prefault({}),
    "The Qdrant vector database.",
  ),
  n8n: application("n8n"),
});
