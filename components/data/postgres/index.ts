export type { Database } from "./database";
export { Postgres, type PostgresArgs } from "./postgres";
export { postgresSignals } from "./signals";
