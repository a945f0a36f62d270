import { z } from "zod";
import { type ApplicationName, applications } from "../../../components/apps";
import { ClickHouseSettings } from "./data/clickhouse";
import { size } from "./data/common";
import { ElasticsearchSettings } from "./data/elasticsearch";
import { KafkaSettings } from "./data/kafka";
import { MilvusSettings } from "./data/milvus";
import { NatsSettings } from "./data/nats";
import { Neo4jSettings } from "./data/neo4j";
import { PostgresSettings } from "./data/postgres";
import { QdrantSettings } from "./data/qdrant";
import { ValkeySettings } from "./data/valkey";
import { doc } from "./doc";

export const ChartSettings = z.strictObject({
  mirror: doc(z.string().optional(), "Stands in for every chart's repository, for air-gapped use.", {
    defaultText: "each chart's own repository",
    allowed: "https:// or http:// address or directory with an index.yaml, or an oci:// address",
  }),
});

/** Settings of an application: the same for each. */
function application(name: ApplicationName) {
  return doc(
    z
      .strictObject({
        enabled: doc(z.boolean().default(false), "Run it."),
        host: doc(z.string().optional(), "Name under which people reach it, through the gateway.", {
          defaultText: "none: inside the cluster only",
          allowed: "a label before cluster.domain, or a full DNS name",
          replaces: "its route",
        }),
        signIn: doc(
          z.boolean().default(true),
          "Ask people to sign in before they are let through, when there is an identity provider.",
        ),
        replicas: doc(z.number().int().min(1).max(9).default(1), "Copies.", { allowed: "1 to 9" }),
        size,
      })
      .prefault({}),
    `${applications[name].description}.`,
  );
}

export const ServiceSettings = z.strictObject({
  postgres: doc(PostgresSettings.prefault({}), "PostgreSQL with pgvector."),
  valkey: doc(ValkeySettings.prefault({}), "Valkey, which speaks Redis: caches and queues."),
  kafka: doc(KafkaSettings.prefault({}), "Apache Kafka: logs of events."),
  nats: doc(NatsSettings.prefault({}), "NATS with JetStream: messages and streams."),
  elasticsearch: doc(ElasticsearchSettings.prefault({}), "Elasticsearch and Kibana: search."),
  clickhouse: doc(ClickHouseSettings.prefault({}), "ClickHouse: analytics over columns."),
  neo4j: doc(Neo4jSettings.prefault({}), "Neo4j, the graph database."),
  qdrant: doc(QdrantSettings.prefault({}), "The Qdrant vector database."),
  milvus: doc(MilvusSettings.prefault({}), "Milvus, the vector database on object storage."),
  n8n: application("n8n"),
});
