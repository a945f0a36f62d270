import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { metadata } from "../../kit/labels";
import type { DatabaseServer } from "./server";

/** The operator says in the status that the role or database is as asked. */
const WAIT_APPLIED = { "pulumi.com/waitFor": "jsonpath={.status.applied}=true" };

/** A role that logs in with the password in its Secret, and owns nothing but its database. */
export function createRole(
  name: string,
  server: DatabaseServer,
  role: { readonly user: string; readonly secretName: string },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const spec = { name: role.user, login: true, passwordSecret: { name: role.secretName } };
  return create(`${name}-role`, "DatabaseRole", name, server, spec, opts);
}

/** The database itself, with its extensions, owned by the role of its name. */
export function createDatabase(
  name: string,
  server: DatabaseServer,
  database: { readonly database: string; readonly extensions?: readonly string[] },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const spec = {
    name: database.database,
    owner: database.database,
    // Taking the database out of the program does not take the data.
    databaseReclaimPolicy: "retain",
    extensions: (database.extensions ?? []).map((extension) => ({ name: extension })),
  };
  return create(name, "Database", name, server, spec, opts);
}

function create(
  pulumiName: string,
  kind: "Database" | "DatabaseRole",
  name: string,
  server: DatabaseServer,
  spec: object,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new k8s.apiextensions.CustomResource(
    pulumiName,
    {
      apiVersion: "postgresql.cnpg.io/v1",
      kind,
      metadata: metadata(server.identity, { name, namespace: server.namespace.name, annotations: WAIT_APPLIED }),
      spec: { cluster: { name: server.name }, ...spec },
    },
    opts,
  );
}
