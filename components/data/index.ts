export { Postgres, type PostgresArgs } from "./postgres";
export type { Database } from "./postgres-database";
export { Qdrant, type QdrantArgs } from "./qdrant";
export type { Collections } from "./qdrant-collections";
