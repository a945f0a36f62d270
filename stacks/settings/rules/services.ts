import { didYouMean } from "../suggest";
import { duplicates, type Finding, type Rule, rule } from "./rule";

/** What the PostgreSQL image carries beside the server: pgvector, pgaudit, failover slots, and PostgreSQL's own modules. */
const postgresExtensions =
  "amcheck autoinc bloom btree_gin btree_gist citext cube dblink dict_int dict_xsyn earthdistance file_fdw fuzzystrmatch hstore insert_username intarray isn lo ltree moddatetime pageinspect pg_buffercache pg_failover_slots pg_freespacemap pg_prewarm pg_stat_statements pg_surgery pg_trgm pg_visibility pg_walinspect pgaudit pgcrypto pgrowlocks pgstattuple postgres_fdw refint seg sslinfo tablefunc tcn tsm_system_rows tsm_system_time unaccent uuid-ossp vector xml2".split(
    " ",
  );

/** Also the name of Kubernetes objects, with hyphens for underscores: so none at the end. */
const databaseName = /^[a-z]([a-z0-9_]{0,61}[a-z0-9])?$/;
const reservedDatabase = /^(postgres|template0|template1|app|streaming_replica|(pg|cnpg)_.*)$/;

function perDatabase(
  id: string,
  check: (database: { name: string; extensions: string[] }, path: string) => Finding[],
): Rule {
  return rule(id, ({ services }) =>
    services.postgres.databases.flatMap((database, index) => check(database, `services.postgres.databases[${index}]`)),
  );
}

function mirrorIsWellFormed(mirror: string): boolean {
  if (/^(https?|oci):\/\/[^\s/]+(\/\S*)?$/.test(mirror)) return URL.canParse(mirror);
  return /^(\/|\.\.?(\/|$))\S*$/.test(mirror);
}

export const serviceRules: Rule[] = [
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
  rule("qdrant-replicas-majority", ({ services: { qdrant } }) =>
    !qdrant.enabled || qdrant.replicas % 2 === 1
      ? []
      : [
          {
            path: "services.qdrant.replicas",
            value: qdrant.replicas,
            message: "Qdrant's members vote (Raft): an even number fails as easily as one less.",
            allowed: "1, 3, 5, 7 or 9",
            fix: `Set orrery:services.qdrant.replicas to ${qdrant.replicas + 1}.`,
          },
        ],
  ),
  rule("qdrant-replicas-prod", ({ environment, services: { qdrant } }) =>
    environment !== "prod" || !qdrant.enabled || qdrant.replicas !== 1
      ? []
      : [
          {
            path: "services.qdrant.replicas",
            value: qdrant.replicas,
            message: "With one member, prod's vectors are away whenever its node restarts.",
            allowed: "3, 5, 7 or 9 in prod",
            fix: "Set orrery:services.qdrant.replicas to 3.",
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
    databaseName.test(name)
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
    reservedDatabase.test(name)
      ? [
          {
            path: `${path}.name`,
            value: name,
            message: "PostgreSQL or its operator has a database or role of this name.",
            allowed: "any name but postgres, template0, template1, app, streaming_replica, pg_... and cnpg_...",
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
  rule("chart-mirror", ({ charts: { mirror } }) =>
    mirror === undefined || mirrorIsWellFormed(mirror)
      ? []
      : [
          {
            path: "charts.mirror",
            value: mirror,
            message: "This is neither an address nor a directory.",
            allowed: "https://, http:// or oci:// and a host; or a directory that begins with / or ./ or ../",
            fix: "Write e.g. https://charts.example.com or ./charts.",
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
