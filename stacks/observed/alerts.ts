import { clickhouseSignals } from "../../components/data/clickhouse/signals";
import { elasticsearchSignals } from "../../components/data/elasticsearch/signals";
import { kafkaSignals } from "../../components/data/kafka/signals";
import { milvusSignals } from "../../components/data/milvus/signals";
import { natsSignals } from "../../components/data/nats/signals";
import { neo4jSignals } from "../../components/data/neo4j/signals";
import { postgresSignals } from "../../components/data/postgres/signals";
import { qdrantSignals } from "../../components/data/qdrant/signals";
import { valkeySignals } from "../../components/data/valkey/signals";
import type { Signals } from "../../components/kit/signals";
import { n8nSignals } from "../../components/observability/rules/applications";
import { backupJobSignals, veleroSignals } from "../../components/observability/rules/backups";
import { capacitySignals } from "../../components/observability/rules/capacity";
import { certificateSignals } from "../../components/observability/rules/certificates";
import { gatewaySignals } from "../../components/observability/rules/gateway";
import { gpuSignals } from "../../components/observability/rules/gpus";
import { identitySignals } from "../../components/observability/rules/identity";
import { inferenceSignals } from "../../components/observability/rules/inference";
import { kubernetesSignals } from "../../components/observability/rules/kubernetes";
import { nameServerSignals, recordSignals } from "../../components/observability/rules/names";
import { networkSignals } from "../../components/observability/rules/network";
import { nodeSignals } from "../../components/observability/rules/nodes";
import { observabilitySignals } from "../../components/observability/rules/observability";
import { probeSignals } from "../../components/observability/rules/probes";
import { falcoSignals } from "../../components/observability/rules/safety";
import { externalSecretSignals, vaultSignals } from "../../components/observability/rules/secrets";
import { longhornSignals } from "../../components/observability/rules/storage";
import { storeSignals } from "../../components/observability/rules/stores";
import { workloadSignals } from "../../components/observability/rules/workloads";
import { minioSignals } from "../../components/platform/objects/signals";
import type { Observed } from "./names";

/** The alerts and recording rules of everything that is observed; a test holds that nobody is without one. */
export const alerts: Readonly<Record<Observed, readonly Signals[]>> = {
  kubernetes: [kubernetesSignals, workloadSignals, capacitySignals, nameServerSignals, backupJobSignals],
  nodes: [nodeSignals],
  cilium: [networkSignals],
  gateway: [gatewaySignals],
  certificates: [certificateSignals],
  dns: [recordSignals],
  longhorn: [longhornSignals],
  externalSecrets: [externalSecretSignals],
  vault: [vaultSignals],
  identity: [identitySignals],
  falco: [falcoSignals],
  velero: [veleroSignals],
  gpus: [gpuSignals],
  inference: [inferenceSignals],
  observability: [observabilitySignals, storeSignals, probeSignals],
  postgres: [postgresSignals],
  valkey: [valkeySignals],
  kafka: [kafkaSignals],
  nats: [natsSignals],
  elasticsearch: [elasticsearchSignals],
  clickhouse: [clickhouseSignals],
  neo4j: [neo4jSignals],
  qdrant: [qdrantSignals],
  milvus: [milvusSignals],
  minio: [minioSignals],
  n8n: [n8nSignals],
};
