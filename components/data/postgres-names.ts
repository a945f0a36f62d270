const RESERVED = ["app", "postgres", "streaming_replica", "template0", "template1"];

/** What PostgreSQL and the operator allow without quotes. */
export function checkDatabaseName(database: string): void {
  const rule = RESERVED.includes(database)
    ? "it is taken by PostgreSQL or its operator"
    : /^(pg_|cnpg_)/.test(database)
      ? "names that begin with pg_ or cnpg_ are reserved"
      : /^[a-z][a-z0-9_]{0,62}$/.test(database)
        ? undefined
        : "allowed are a-z, 0-9 and _, a letter first, at most 63 characters";
  if (rule !== undefined) {
    throw new Error(`Database name "${database}": ${rule}. Choose another name in services.postgres.databases.`);
  }
}

/** A Kubernetes object's name from a database's: `_` is not allowed there. */
export function databaseObjectName(server: string, database: string): string {
  return `${server}-${database.replaceAll("_", "-")}`;
}
