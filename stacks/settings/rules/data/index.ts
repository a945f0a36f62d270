import type { Rule } from "../rule";
import { clickhouseRules } from "./clickhouse";
import { consumerRules } from "./consumers";
import { elasticsearchRules } from "./elasticsearch";
import { kafkaRules } from "./kafka";
import { keptRules } from "./kept";
import { milvusRules } from "./milvus";
import { natsRules } from "./nats";
import { neo4jRules } from "./neo4j";
import { postgresRules } from "./postgres";
import { qdrantRules } from "./qdrant";
import { valkeyRules } from "./valkey";

/** Rules of the data services. */
export const dataRules: readonly Rule[] = [
  ...consumerRules,
  ...postgresRules,
  ...valkeyRules,
  ...kafkaRules,
  ...natsRules,
  ...elasticsearchRules,
  ...clickhouseRules,
  ...neo4jRules,
  ...qdrantRules,
  ...milvusRules,
  ...keptRules,
];
