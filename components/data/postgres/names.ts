/** Also the name of Kubernetes objects, with hyphens for underscores: so none at the end. */
const ALLOWED = /^[a-z]([a-z0-9_]{0,61}[a-z0-9])?$/;
const RESERVED = [
  // Databases and roles.
  /^(postgres|template0|template1|app|streaming_replica|(pg|cnpg)_.*)$/,
  // Secrets beside the server have such names.
  /^(ca|certificate|pooler|replication|server|superuser)$/,
];

/** Of what PostgreSQL and the operator have a database, a role or a Secret already, or keep for themselves. */
export function isReservedDatabase(database: string): boolean {
  return RESERVED.some((taken) => taken.test(database));
}

/** What PostgreSQL takes without quotes, and Kubernetes as the name of an object. */
export function isDatabaseName(database: string): boolean {
  return ALLOWED.test(database);
}

export function checkDatabaseName(database: string): void {
  const rule = isReservedDatabase(database)
    ? "it is taken by PostgreSQL or its operator, as are all that begin with pg_ or cnpg_"
    : isDatabaseName(database)
      ? undefined
      : "allowed are a-z, 0-9 and _, a letter first, no _ at the end, at most 63 characters";
  if (rule !== undefined) {
    throw new Error(`Database name "${database}": ${rule}. Choose another name in services.postgres.databases.`);
  }
}

/** A Kubernetes object's name from a database's: `_` is not allowed there. */
export function databaseObjectName(server: string, database: string): string {
  return `${server}-${database.replaceAll("_", "-")}`;
}
