import { grafanaReplicas, grafanaUsesPostgres } from "../../observability";
import type { Settings } from "../../schema";
import { duplicates, type Finding, type Rule, rule } from "../rule";

type Dashboards = Settings["observability"]["dashboards"];
type Roles = Pick<Dashboards, "adminGroups" | "editorGroups" | "viewerGroups">;

const roles = ["adminGroups", "editorGroups", "viewerGroups"] as const satisfies readonly (keyof Roles)[];

/** A group that stands in an expression and in the identity provider. */
const groupName = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/;

const on = (check: (dashboards: Dashboards, settings: Settings) => Finding[]) => (settings: Settings) =>
  settings.observability.enabled ? check(settings.observability.dashboards, settings) : [];

const path = (setting: keyof Dashboards, index?: number) =>
  `observability.dashboards.${setting}${index === undefined ? "" : `[${index}]`}`;

/** Rules over `observability.dashboards`. That a host needs the gateway is said for all routes alike. */
export const dashboardsRules: readonly Rule[] = [
  rule(
    "dashboards-postgres",
    on(({ replicas }, settings) =>
      grafanaReplicas(settings) === 1 || settings.services.postgres.enabled
        ? []
        : [
            {
              path: path("replicas"),
              value: replicas ?? grafanaReplicas(settings),
              message:
                "Several Grafana servers share sessions and what people save in PostgreSQL, which is switched off.",
              allowed: "1, or 2 with services.postgres.enabled",
              fix: "Set orrery:observability.dashboards.replicas to 1, or orrery:services.postgres.enabled to true.",
            },
          ],
    ),
  ),
  rule(
    "dashboards-database",
    on((_, settings) =>
      grafanaUsesPostgres(settings)
        ? settings.services.postgres.databases.flatMap(({ name }, index) =>
            name === "grafana"
              ? [
                  {
                    path: `services.postgres.databases[${index}].name`,
                    value: name,
                    message: "Grafana makes this database for itself.",
                    allowed: "any other name while Grafana keeps its state in PostgreSQL",
                    fix: `Rename or remove orrery:services.postgres.databases[${index}].`,
                  },
                ]
              : [],
          )
        : [],
    ),
  ),
  rule(
    "dashboards-sign-in",
    on(({ host }, { environment, identity }) =>
      environment !== "prod" || host === undefined || identity.enabled
        ? []
        : [
            {
              path: path("host"),
              value: host,
              message: "In prod, dashboards and everybody's logs would be behind one shared password.",
              allowed: "a host with identity.enabled, or none",
              fix: "Set orrery:identity.enabled to true, or remove orrery:observability.dashboards.host.",
            },
          ],
    ),
  ),
  rule(
    "dashboards-group-name",
    on((dashboards) =>
      roles.flatMap((role) =>
        dashboards[role].flatMap((group, index) =>
          groupName.test(group)
            ? []
            : [
                {
                  path: path(role, index),
                  value: group,
                  message: "This is no name of a group.",
                  allowed: 'letters, digits, spaces, ".", "_" and "-", at most 64',
                  fix: "Write the group's name as the identity provider has it.",
                },
              ],
        ),
      ),
    ),
  ),
  rule(
    "dashboards-group-once",
    on((dashboards) => {
      const groups = roles.flatMap((role) => dashboards[role].map((group, index) => ({ role, index, group })));
      return duplicates(groups.map(({ group }) => group)).map((position) => {
        const { role, index, group } = groups[position]!;
        const first = groups.find((other) => other.group === group)!;
        return {
          path: path(role, index),
          value: group,
          message: `This group stands in ${first.role} already, and a group has one role.`,
          allowed: "each group once in adminGroups, editorGroups and viewerGroups",
          fix: `Remove it from orrery:${path(role)}.`,
        };
      });
    }),
  ),
  rule(
    "dashboards-admin",
    on(({ host, adminGroups }, { identity }) =>
      host === undefined || !identity.enabled || adminGroups.length > 0
        ? []
        : [
            {
              path: path("adminGroups"),
              value: [],
              message: "Nobody who signs in could administer Grafana.",
              allowed: "at least one group",
              fix: "Set orrery:observability.dashboards.adminGroups to [admins].",
            },
          ],
    ),
  ),
];
