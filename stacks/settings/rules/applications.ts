import { type ApplicationName, applications } from "../../../components/apps";
import type { ApplicationDefinition } from "../../../components/kit/application-definition";
import { type Rule, rule } from "./rule";

export const applicationRules: Rule[] = [
  rule("application-database", ({ services }) =>
    (Object.keys(applications) as ApplicationName[])
      .filter((name) => services[name].enabled && needsDatabase(name) && !services.postgres.enabled)
      .map((name) => ({
        path: `services.${name}.enabled`,
        value: true,
        message: "It keeps its data in PostgreSQL, which is switched off.",
        allowed: "true with services.postgres.enabled",
        fix: `Set orrery:services.postgres.enabled to true, or orrery:services.${name}.enabled to false.`,
      })),
  ),
];

function needsDatabase(name: ApplicationName): boolean {
  const { database }: ApplicationDefinition = applications[name];
  return database !== undefined;
}
