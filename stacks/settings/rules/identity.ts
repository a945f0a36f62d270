import { plannedRoutes } from "../routes";
import { type Rule, rule } from "./rule";

/** Stands in URLs; Keycloak keeps its own administrators in `master`. */
const realmName = /^[a-z]([a-z0-9-]{0,34}[a-z0-9])?$/;

export const identityRules: Rule[] = [
  rule("identity-postgres", ({ identity, services }) =>
    !identity.enabled || services.postgres.enabled
      ? []
      : [
          {
            path: "identity.enabled",
            value: true,
            message: "The identity provider keeps people and clients in PostgreSQL, which is switched off.",
            allowed: "true with services.postgres.enabled",
            fix: "Set orrery:services.postgres.enabled to true.",
          },
        ],
  ),
  rule("identity-realm", ({ identity: { enabled, kind, realm } }) =>
    !enabled || kind !== "keycloak" || (realmName.test(realm) && realm !== "master")
      ? []
      : [
          {
            path: "identity.realm",
            value: realm,
            message:
              realm === "master"
                ? "Keycloak's own administrators are in this realm; people do not belong there."
                : "This name stands in URLs and in every service's settings.",
            allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 36; not master",
            fix: "Set orrery:identity.realm to orrery.",
          },
        ],
  ),
  rule("identity-replicas-prod", ({ environment, identity: { enabled, replicas } }) =>
    environment !== "prod" || !enabled || replicas !== 1
      ? []
      : [
          {
            path: "identity.replicas",
            value: replicas,
            message: "With one server, nobody in prod can sign in while its node restarts.",
            allowed: "2 to 9 in prod",
            fix: "Set orrery:identity.replicas to 2.",
          },
        ],
  ),
  rule("identity-database", ({ identity: { enabled, kind }, services: { postgres } }) =>
    enabled
      ? postgres.databases.flatMap(({ name }, index) =>
          name === kind
            ? [
                {
                  path: `services.postgres.databases[${index}].name`,
                  value: name,
                  message: "The identity provider makes this database for itself.",
                  allowed: `any name but ${kind} while identity.kind is ${kind}`,
                  fix: `Rename or remove orrery:services.postgres.databases[${index}].`,
                },
              ]
            : [],
        )
      : [],
  ),
  rule("sign-in-without-identity", (settings) =>
    settings.identity.enabled
      ? []
      : plannedRoutes(settings)
          .filter(({ signIn }) => signIn)
          .map(({ host, setting }) => ({
            path: setting,
            value: host,
            message: "This is only exposed to people who sign in, and there is no identity provider.",
            allowed: "a host with identity.enabled",
            fix: `Set orrery:identity.enabled to true, or remove orrery:${setting}.`,
          })),
  ),
];
