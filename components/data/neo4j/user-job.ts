import type { PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import type { ServiceArgs } from "../../kit/service";
import { resources } from "../../kit/sizes";
import { type AdminFacts, adminAuthority, adminEnvironment, adminRunAs, adminScratch, caFile } from "./client";
import type { Edition } from "./config";
import { SOFTWARE } from "./pods";
import { userScript, variables } from "./scripts";

export const USER_COMPONENT = "user";

export interface UserJobFacts extends AdminFacts {
  readonly edition: Edition;
  /** Secret of the graph beside the Job: its username, password and database. */
  readonly userSecret: string;
}

/** The Job that makes a consumer's user: everything but image and namespace. */
export function userJob(
  facts: UserJobFacts,
): Pick<ServiceArgs, "kind" | "command" | "environment" | "volumes" | "resources" | "runAs"> {
  const { edition, userSecret: secret } = facts;
  return {
    kind: "Job",
    command: ["/bin/bash", "-ec", userScript(edition, caFile(facts))],
    environment: {
      ...adminEnvironment(facts),
      [variables.user]: { secret, key: "username" },
      [variables.userPassword]: { secret, key: "password" },
      [variables.database]: { secret, key: "database" },
    },
    volumes: { scratch: [adminScratch], configMaps: adminAuthority(facts) },
    resources: resources(50, 512),
    runAs: adminRunAs,
  };
}

/** The Jobs of all users: one path for them together. */
export function userJobs(namespace: DomainNamespace): PodIdentity {
  return {
    namespace: namespace.name,
    labels: { "app.kubernetes.io/name": SOFTWARE, "app.kubernetes.io/component": USER_COMPONENT },
    instance: "neo4j-user-jobs",
  };
}
