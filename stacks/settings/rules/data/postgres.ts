import { isDatabaseName, isReservedDatabase } from "../../../../components/data/postgres/names";
import { poolerInstances } from "../../../../components/data/postgres/pooler";
import type { Settings } from "../../schema";
import { didYouMean } from "../../suggest";
import { duplicates, type Finding, type Rule, rule } from "../rule";

/** What the PostgreSQL image carries beside the server: pgvector, pgaudit, failover slots, and PostgreSQL's own modules. */
const postgresExtensions =
  "amcheck autoinc bloom btree_gin btree_gist citext cube dblink dict_int dict_xsyn earthdistance file_fdw fuzzystrmatch hstore insert_username intarray isn lo ltree moddatetime pageinspect pg_buffercache pg_failover_slots pg_freespacemap pg_prewarm pg_stat_statements pg_surgery pg_trgm pg_visibility pg_walinspect pgaudit pgcrypto pgrowlocks pgstattuple postgres_fdw refint seg sslinfo tablefunc tcn tsm_system_rows tsm_system_time unaccent uuid-ossp vector xml2".split(
    " ",
  );

/** Connections that poolers may take of those that PostgreSQL has; the rest is for clients that go past them. */
const POOLED_CONNECTIONS = 150;

type PostgresSettings = Settings["services"]["postgres"];

function perDatabase(
  id: string,
  check: (database: PostgresSettings["databases"][number], path: string, postgres: PostgresSettings) => Finding[],
): Rule {
  return rule(id, ({ services: { postgres } }) =>
    postgres.databases.flatMap((database, index) => check(database, `services.postgres.databases[${index}]`, postgres)),
  );
}

export const postgresRules: Rule[] = [
  rule("postgres-instances-prod", ({ environment, services: { postgres } }) =>
    environment !== "prod" || !postgres.enabled || (postgres.instances >= 3 && postgres.instances % 2 === 1)
      ? []
      : [
          {
            path: "services.postgres.instances",
            value: postgres.instances,
            message: "In prod a transaction must be on two servers, and the database must go on when one is lost.",
            allowed: "3, 5, 7 or 9 in prod",
            fix: "Set orrery:services.postgres.instances to 3.",
          },
        ],
  ),
  perDatabase("postgres-extension", ({ extensions }, path) =>
    extensions.flatMap((value, index) => {
      if (postgresExtensions.includes(value)) return [];
      const meant = value === "pgvector" ? "vector" : didYouMean(value, postgresExtensions);
      return [
        {
          path: `${path}.extensions[${index}]`,
          value,
          message: `The PostgreSQL image has no extension of this name.${meant ? ` Did you mean ${meant}?` : ""}`,
          allowed: postgresExtensions.join(", "),
          fix: meant ? `Write ${meant}.` : `Remove orrery:${path}.extensions[${index}].`,
        },
      ];
    }),
  ),
  perDatabase("database-name", ({ name }, path) =>
    isDatabaseName(name)
      ? []
      : [
          {
            path: `${path}.name`,
            value: name,
            message: "PostgreSQL takes this name only in quotes, or not at all.",
            allowed:
              "a lower-case letter, then lower-case letters, digits and underscores, at most 63, no underscore at the end",
            fix: `Rename it, e.g. to ${suggestDatabase(name)}.`,
          },
        ],
  ),
  perDatabase("database-name-reserved", ({ name }, path) =>
    isReservedDatabase(name)
      ? [
          {
            path: `${path}.name`,
            value: name,
            message: "PostgreSQL or its operator has a database, role or Secret of this name.",
            allowed:
              "any name but postgres, template0, template1, app, streaming_replica, pg_..., cnpg_..., ca, certificate, pooler, replication, server and superuser",
            fix: `Rename orrery:${path}.`,
          },
        ]
      : [],
  ),
  rule("database-name-unique", ({ services: { postgres } }) =>
    duplicates(postgres.databases.map(({ name }) => name)).map((index) => ({
      path: `services.postgres.databases[${index}].name`,
      value: postgres.databases[index]!.name,
      message: "Another database has this name.",
      allowed: "each name once",
      fix: `Rename or remove orrery:services.postgres.databases[${index}].`,
    })),
  ),
  perDatabase("postgres-pooled", ({ pooled }, path, { pooler }) =>
    pooled && !pooler.enabled
      ? [
          {
            path: `${path}.pooled`,
            value: pooled,
            message: "There is no pooler to connect to.",
            allowed: "true only while services.postgres.pooler.enabled is true",
            fix: "Set orrery:services.postgres.pooler.enabled to true.",
          },
        ]
      : [],
  ),
  rule("postgres-pool-size", ({ environment, services: { postgres } }) => {
    const { pooler } = postgres;
    const pooled = postgres.databases.filter((database) => database.pooled).length;
    const instances = poolerInstances({ ...pooler, environment });
    const connections = pooled * instances * pooler.poolSize;
    return !pooler.enabled || connections <= POOLED_CONNECTIONS
      ? []
      : [
          {
            path: "services.postgres.pooler.poolSize",
            value: pooler.poolSize,
            message: `${instances} poolers with ${pooled} databases would hold ${connections} connections; PostgreSQL has 200 for everybody.`,
            allowed: `together at most ${POOLED_CONNECTIONS}`,
            fix: `Set orrery:services.postgres.pooler.poolSize to ${Math.max(1, Math.floor(POOLED_CONNECTIONS / (pooled * instances)))}.`,
          },
        ];
  }),
  rule("postgres-pooler-without-postgres", ({ services: { postgres } }) =>
    postgres.enabled || !postgres.pooler.enabled
      ? []
      : [
          {
            path: "services.postgres.pooler.enabled",
            value: true,
            message: "PostgreSQL is switched off: the pooler would stand before nothing.",
            allowed: "false while services.postgres.enabled is false",
            fix: "Set orrery:services.postgres.enabled to true, or switch the pooler off.",
          },
        ],
  ),
  rule("databases-without-postgres", ({ services: { postgres } }) =>
    postgres.enabled || postgres.databases.length === 0
      ? []
      : [
          {
            path: "services.postgres.databases",
            value: postgres.databases.map(({ name }) => name),
            message: "PostgreSQL is switched off, so nobody would make these databases.",
            allowed: "empty while services.postgres.enabled is false",
            fix: "Set orrery:services.postgres.enabled to true, or remove the databases.",
          },
        ],
  ),
];

function suggestDatabase(name: string): string {
  const made = name
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "_")
    .slice(0, 63)
    .replace(/^[^a-z]+|_+$/g, "");
  return made === "" ? "main" : made;
}
