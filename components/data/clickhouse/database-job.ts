import type * as pulumi from "@pulumi/pulumi";
import { imageReference, images } from "../../kit/images";
import { after } from "../../kit/options";
import { Service } from "../../kit/service";
import { clientJob } from "./client-job";
import type { DatabaseServer } from "./database";
import { clientPorts, DATABASE_COMPONENT, SOFTWARE } from "./names";
import { createDatabase, createUser, type DatabaseFacts, grantRights } from "./statements";

export interface DatabaseJobArgs extends Omit<DatabaseFacts, "replicated"> {
  readonly server: DatabaseServer;
  /** Secret with the user's password, beside the server. */
  readonly secretName: string;
}

/**
 * The Job that makes a database and its user; it may run again. Without a ttl: it is a resource of the stack, and what
 * removes itself would be made again by the next refresh.
 */
export function createDatabaseJob(
  name: string,
  { server, secretName, ...about }: DatabaseJobArgs,
  opts: pulumi.ComponentResourceOptions,
): Service {
  const { host, namespace, replicated, trust } = server;
  const authority = trust?.(namespace.name);
  const facts = { ...about, replicated };
  const { port } = clientPorts(trust !== undefined).native;
  return new Service(
    name,
    {
      software: SOFTWARE,
      component: DATABASE_COMPONENT,
      namespace,
      kind: "Job",
      image: imageReference(images.clickhouse),
      ...clientJob(
        { server: server.name, host, port, user: "administrator", caConfigMap: authority?.configMap },
        [`hash=$(printf %s "$PASSWORD" | sha256sum | cut -d ' ' -f 1)`],
        [createDatabase(facts), createUser(facts, "$hash"), grantRights(facts)],
        { PASSWORD: { secret: secretName, key: "password" } },
      ),
    },
    after(opts, authority?.ready),
  );
}
