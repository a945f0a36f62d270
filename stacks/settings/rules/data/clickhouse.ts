import {
  databaseName,
  databaseNameAllowed,
  databaseObjectName,
  isReserved,
  userName,
} from "../../../../components/data/clickhouse/names";
import { clickhouseKeepers, clickhouseServers } from "../../schema/data/clickhouse";
import { duplicates, type Finding, type Rule, rule } from "../rule";

function perDatabase(id: string, check: (name: string, path: string) => Finding[]): Rule {
  return rule(id, ({ services }) =>
    services.clickhouse.databases.flatMap(({ name }, index) =>
      check(name, `services.clickhouse.databases[${index}].name`),
    ),
  );
}

export const clickhouseRules: Rule[] = [
  rule("clickhouse-replicas-prod", ({ environment, services: { clickhouse } }) =>
    environment !== "prod" || !clickhouse.enabled || clickhouse.replicas >= 2
      ? []
      : [
          {
            path: "services.clickhouse.replicas",
            value: clickhouse.replicas,
            message: "With one copy, prod's analytics are away whenever a node restarts, and lost with its volume.",
            allowed: "2 to 9 in prod",
            fix: "Set orrery:services.clickhouse.replicas to 2.",
          },
        ],
  ),
  rule("clickhouse-keepers", ({ environment, services: { clickhouse } }) => {
    const keepers = clickhouseKeepers(clickhouse, environment);
    const servers = clickhouseServers(clickhouse);
    const least = servers === 1 ? 0 : environment === "prod" ? 3 : 1;
    const found = { path: "services.clickhouse.keepers", value: keepers };
    if (!clickhouse.enabled) return [];
    if (keepers < least) {
      return [
        {
          ...found,
          message:
            keepers === 0
              ? "Several servers agree by Keepers alone: without one, nothing is replicated and no statement reaches all."
              : "Prod's tables take no inserts while their only Keeper restarts.",
          allowed: `${least === 1 ? "1, 3, 5, 7 or 9" : "3, 5, 7 or 9"} with ${servers} servers in ${environment}`,
          fix: `Remove orrery:services.clickhouse.keepers, or set it to ${least}.`,
        },
      ];
    }
    return keepers === 0 || keepers % 2 === 1
      ? []
      : [
          {
            ...found,
            message: "Keepers vote (Raft): an even number fails as easily as one less.",
            allowed: "1, 3, 5, 7 or 9",
            fix: `Set orrery:services.clickhouse.keepers to ${keepers + 1}.`,
          },
        ];
  }),
  perDatabase("clickhouse-database-name", (name, path) =>
    databaseName.test(name)
      ? []
      : [
          {
            path,
            value: name,
            message: "Its user and its Kubernetes objects are called like the database, and this is no name for them.",
            allowed: databaseNameAllowed,
            fix: `Rename it, e.g. to ${suggested(name)}.`,
          },
        ],
  ),
  perDatabase("clickhouse-database-reserved", (name, path) =>
    isReserved(name)
      ? [
          {
            path,
            value: name,
            message: "ClickHouse, its operator or this program has a database or a user of this name.",
            allowed:
              "any name but default, system, information_schema, orrery, backup, passwords and clickhouse_operator",
            fix: `Rename orrery:${path}.`,
          },
        ]
      : [],
  ),
  rule("clickhouse-database-unique", ({ services: { clickhouse } }) => {
    const objects = clickhouse.databases.map(({ name, readOnly }) =>
      databaseObjectName("clickhouse", userName(name, readOnly)),
    );
    return duplicates(objects).map((index) => ({
      path: `services.clickhouse.databases[${index}].name`,
      value: clickhouse.databases[index]!.name,
      message:
        "Another entry has the same user: a database stands here once for who writes it, and once for who reads it.",
      allowed: "each name once with readOnly: true, and once without",
      fix: `Rename or remove orrery:services.clickhouse.databases[${index}].`,
    }));
  }),
  rule("databases-without-clickhouse", ({ services: { clickhouse } }) =>
    clickhouse.enabled || clickhouse.databases.length === 0
      ? []
      : [
          {
            path: "services.clickhouse.databases",
            value: clickhouse.databases.map(({ name }) => name),
            message: "ClickHouse is switched off, so nobody would make these databases.",
            allowed: "empty while services.clickhouse.enabled is false",
            fix: "Set orrery:services.clickhouse.enabled to true, or remove the databases.",
          },
        ],
  ),
];

function suggested(name: string): string {
  const made = name
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "_")
    .slice(0, 40)
    .replace(/^[^a-z]+|_+$/g, "");
  return made === "" ? "events" : made;
}
