import type * as pulumi from "@pulumi/pulumi";
import type { ApplicationName } from "../components/apps";
import type { ClickHouse } from "../components/data/clickhouse";
import type { Elasticsearch } from "../components/data/elasticsearch";
import type { Kafka } from "../components/data/kafka";
import type { Milvus } from "../components/data/milvus";
import type { Nats } from "../components/data/nats";
import type { Neo4j } from "../components/data/neo4j";
import type { Postgres } from "../components/data/postgres";
import type { Qdrant } from "../components/data/qdrant";
import type { Valkey } from "../components/data/valkey";
import type { Platform } from "../components/platform";
import { createClickhouse } from "./services/clickhouse";
import { createElasticsearch } from "./services/elasticsearch";
import type { CreateArgs, Made, ServiceOutputs, Services } from "./services/entry";
import { createKafka } from "./services/kafka";
import { createMilvus } from "./services/milvus";
import { createNats } from "./services/nats";
import { createNeo4j } from "./services/neo4j";
import { createPostgres } from "./services/postgres";
import { createQdrant } from "./services/qdrant";
import { createValkey } from "./services/valkey";
import type { Settings } from "./settings";
import type { Systems } from "./systems";

export type { Connection, SecretReference, ServiceOutputs } from "./services/entry";

/** Services that offer capabilities; applications, which take them, come later: applications.ts. */
export type ServiceName = Exclude<keyof Services, ApplicationName>;

/** Other parts of the program take capabilities of these, or expose their web pages. */
interface Components {
  readonly postgres: Postgres;
  readonly valkey: Valkey;
  readonly kafka: Kafka;
  readonly nats: Nats;
  readonly elasticsearch: Elasticsearch;
  readonly clickhouse: ClickHouse;
  readonly neo4j: Neo4j;
  readonly qdrant: Qdrant;
  readonly milvus: Milvus;
}

interface CatalogEntry<Name extends ServiceName> {
  readonly description: string;
  readonly create: (args: CreateArgs<Name>) => Made<Components[Name]>;
}

/** Every service that can be switched on, and how it is made. */
export const catalog: { readonly [Name in ServiceName]: CatalogEntry<Name> } = {
  postgres: { description: "PostgreSQL with pgvector, by CloudNativePG", create: createPostgres },
  valkey: { description: "Valkey, which speaks Redis", create: createValkey },
  kafka: { description: "Apache Kafka, by Strimzi", create: createKafka },
  nats: { description: "NATS with JetStream", create: createNats },
  elasticsearch: { description: "Elasticsearch and Kibana, by ECK", create: createElasticsearch },
  clickhouse: { description: "ClickHouse, by the Altinity operator", create: createClickhouse },
  neo4j: { description: "Neo4j, the graph database", create: createNeo4j },
  qdrant: { description: "Qdrant, the vector database", create: createQdrant },
  milvus: { description: "Milvus, the vector database on object storage", create: createMilvus },
};

export type ServiceComponents = Partial<Components>;

export interface CreatedServices {
  readonly components: ServiceComponents;
  /** How to reach each. */
  readonly outputs: Partial<Record<ServiceName, ServiceOutputs>>;
}

/** Makes the services that the settings switch on. */
export function createServices(
  settings: Settings,
  platform: Platform,
  systems: Systems,
  opts: pulumi.ComponentResourceOptions,
): CreatedServices {
  const made = serviceNames()
    .filter((name) => settings.services[name].enabled)
    .map((name) => [name, createService(name, settings, platform, systems, opts)] as const);
  return {
    components: Object.fromEntries(made.map(([name, { component }]) => [name, component])),
    outputs: Object.fromEntries(made.map(([name, { outputs }]) => [name, outputs])),
  };
}

export function serviceNames(): ServiceName[] {
  return Object.keys(catalog) as ServiceName[];
}

function createService<Name extends ServiceName>(
  name: Name,
  settings: Settings,
  platform: Platform,
  systems: Systems,
  opts: pulumi.ComponentResourceOptions,
): Made<Components[Name]> {
  return catalog[name].create({ settings: settings.services[name], platform, systems, opts });
}
