import { BACKUP_COLLECTION } from "./server-config";
import { CONSUMER_PROFILE } from "./users-config";

/** What ClickHouse is told, as texts. Names come quoted; a hash or a time is put in by the Job that says it. */

/** Who reads and writes: tables of its database, and nothing that leads out of the server. */
const WRITER_RIGHTS = [
  "SHOW",
  "SELECT",
  "INSERT",
  "ALTER TABLE",
  "ALTER VIEW",
  "CREATE TABLE",
  "CREATE VIEW",
  "CREATE DICTIONARY",
  "DROP TABLE",
  "DROP VIEW",
  "DROP DICTIONARY",
  "UNDROP TABLE",
  "TRUNCATE",
  "OPTIMIZE",
  "dictGet",
] as const;

const READER_RIGHTS = ["SHOW", "SELECT", "dictGet"] as const;

export interface DatabaseFacts {
  readonly database: string;
  readonly user: string;
  readonly readOnly: boolean;
  /** There are Keepers. */
  readonly replicated: boolean;
}

/** The database itself. With Keepers each statement that changes its tables is carried out on every replica. */
export function createDatabase({ database, replicated }: Pick<DatabaseFacts, "database" | "replicated">): string {
  return replicated
    ? `CREATE DATABASE IF NOT EXISTS "${database}" ON CLUSTER '{cluster}' ` +
        `ENGINE = Replicated('/clickhouse/databases/${database}', '{shard}', '{replica}')`
    : `CREATE DATABASE IF NOT EXISTS "${database}" ENGINE = Atomic`;
}

/** The user, made anew with each run: what it was granted before is gone. `hash` is of its password. */
export function createUser({ database, user }: Pick<DatabaseFacts, "database" | "user">, hash: string): string {
  return (
    `CREATE USER OR REPLACE "${user}" IDENTIFIED WITH sha256_hash BY '${hash}' ` +
    `DEFAULT DATABASE "${database}" SETTINGS PROFILE '${CONSUMER_PROFILE}'`
  );
}

export function grantRights({ database, user, readOnly }: DatabaseFacts): string {
  return `GRANT ${(readOnly ? READER_RIGHTS : WRITER_RIGHTS).join(", ")} ON "${database}".* TO "${user}"`;
}

/** Every database, and the users with them; the server takes the store's keys from its configuration. */
export function backupAll(replicated: boolean, backup: string): string {
  return `BACKUP ALL${replicated ? " ON CLUSTER '{cluster}'" : ""} TO S3(${BACKUP_COLLECTION}, '${backup}')`;
}
