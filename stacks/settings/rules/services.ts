import type { Settings } from "../schema";
import { didYouMean } from "../suggest";
import { schedulableNodes, storageNodes } from "./control-plane";
import { duplicates, type Finding, type Rule, rule } from "./rule";

/** Hetzner makes no smaller volumes. */
const smallestVolumeGiB = 10;

/** What the PostgreSQL image carries beside the server: pgvector, pgaudit, failover slots, and PostgreSQL's own modules. */
const postgresExtensions =
  "amcheck autoinc bloom btree_gin btree_gist citext cube dblink dict_int dict_xsyn earthdistance file_fdw fuzzystrmatch hstore insert_username intarray isn lo ltree moddatetime pageinspect pg_buffercache pg_failover_slots pg_freespacemap pg_prewarm pg_stat_statements pg_surgery pg_trgm pg_visibility pg_walinspect pgaudit pgcrypto pgrowlocks pgstattuple postgres_fdw refint seg sslinfo tablefunc tcn tsm_system_rows tsm_system_time unaccent uuid-ossp vector xml2".split(
    " ",
  );

/** Also the name of Kubernetes objects, with hyphens for underscores: so none at the end. */
const databaseName = /^[a-z]([a-z0-9_]{0,61}[a-z0-9])?$/;
const reservedDatabase = /^(postgres|template0|template1|app|streaming_replica|(pg|cnpg)_.*)$/;

interface Stateful {
  path: string;
  storageGiB: number;
  countPath: string;
  count: number;
}

/** The services that are switched on and keep data. */
function stateful({ services: { postgres, qdrant } }: Settings): Stateful[] {
  const all = [
    { on: postgres.enabled, path: "services.postgres", count: postgres.instances, key: "instances", of: postgres },
    { on: qdrant.enabled, path: "services.qdrant", count: qdrant.replicas, key: "replicas", of: qdrant },
  ];
  return all
    .filter(({ on }) => on)
    .map(({ path, count, key, of }) => ({ path, count, countPath: `${path}.${key}`, storageGiB: of.storageGiB }));
}

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
  rule("replicas-need-nodes", (settings) => {
    const nodes = storageNodes(settings);
    // No node at all has rules of its own.
    if (nodes === 0) return [];
    return stateful(settings)
      .filter(({ count }) => count > 1 && count > nodes)
      .map(({ countPath, count }) => ({
        path: countPath,
        value: count,
        message: `Only ${nodes} node${nodes === 1 ? " takes" : "s take"} ordinary pods with volumes, so replicas would share a node and be lost with it.`,
        allowed: `1 to ${nodes}`,
        fix: `Lower orrery:${countPath}, or raise the count of a pool without taints.`,
      }));
  }),
  rule("volume-size", (settings) =>
    settings.storage.hcloudVolumes.enabled
      ? stateful(settings)
          .filter(({ storageGiB }) => storageGiB < smallestVolumeGiB)
          .map(({ path, storageGiB }) => ({
            path: `${path}.storageGiB`,
            value: storageGiB,
            message: "Hetzner's volumes are not smaller than 10 GiB.",
            allowed: "10 to 10240",
            fix: `Set orrery:${path}.storageGiB to 10.`,
          }))
      : [],
  ),
  rule("storage-class-missing", (settings) =>
    settings.storage.hcloudVolumes.enabled || settings.storage.localPath.enabled || stateful(settings).length === 0
      ? []
      : [
          {
            path: "storage",
            value: settings.storage,
            message: `${stateful(settings)
              .map(({ path }) => path)
              .join(" and ")} must keep data, and no StorageClass is enabled.`,
            allowed: "at least one of storage.hcloudVolumes.enabled and storage.localPath.enabled",
            fix: "Set orrery:storage.hcloudVolumes.enabled to true.",
          },
        ],
  ),
  rule("volumes-need-cloud-server", (settings) => {
    const { hcloudVolumes } = settings.storage;
    if (stateful(settings).length === 0 || storageNodes(settings) > 0 || schedulableNodes(settings) === 0) return [];
    return [
      {
        path: "storage.hcloudVolumes.enabled",
        value: hcloudVolumes.enabled,
        message: "Only dedicated machines take ordinary pods, and Hetzner volumes attach to cloud servers alone.",
        allowed: "false without a cloud server that takes pods",
        fix: "Set orrery:storage.hcloudVolumes.enabled to false to keep data on the machines' own disks, or add a pool without taints.",
      },
    ];
  }),
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
