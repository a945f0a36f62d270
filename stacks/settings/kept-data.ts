import type { KeptData } from "../../components/platform/storage/data-removal";
import type { Settings } from "./schema";

type Services = Settings["services"];

/** Services that keep data of their own: those that can be told to delete it. */
export type DataService = {
  [Name in keyof Services]: Services[Name] extends { deleteData: boolean } ? Name : never;
}[keyof Services];

/**
 * What each service leaves behind when it is switched off. Names, not labels: of a volume whose claim is gone, the
 * claim's name is all that is known.
 */
export const keptData: Readonly<Record<DataService, KeptData>> = {
  // CloudNativePG: an instance, and its log where that has a volume of its own.
  postgres: { namespace: "db", claims: "postgres-[0-9]+(-wal)?" },
  valkey: { namespace: "db", claims: "[a-z]+-valkey-[0-9]+" },
  // Strimzi: volume 0 of a node of a pool.
  kafka: { namespace: "broker", claims: "data(-[0-9]+)?-kafka-[a-z0-9-]+-[0-9]+" },
  // The chart's StatefulSet.
  nats: { namespace: "broker", claims: "nats-js-nats-[0-9]+" },
  // ECK: a node of a node set.
  elasticsearch: { namespace: "elastic", claims: "elasticsearch-data-elasticsearch-es-[a-z0-9-]+-[0-9]+" },
  // Altinity's operator: hosts of the installation, and of its Keeper.
  clickhouse: { namespace: "db", claims: "[a-z]+-ch[ik]-clickhouse(-[a-z]+)*(-[0-9]+)+" },
  neo4j: { namespace: "graph", claims: "[a-z]+-neo4j-[0-9]+" },
  qdrant: { namespace: "vec", claims: "[a-z]+-qdrant-[0-9]+" },
  // Its etcd: the vectors are in a bucket.
  milvus: { namespace: "milvus", claims: "[a-z]+-milvus-[a-z-]+-[0-9]+" },
};

export function dataServices(): DataService[] {
  return Object.keys(keptData) as DataService[];
}
