import { n8nCases } from "./applications";
import { backupJobCases, veleroCases } from "./backups";
import { capacityCases } from "./capacity";
import type { AreaCases } from "./case";
import { certificateCases } from "./certificates";
import { clickhouseCases } from "./clickhouse";
import { elasticsearchCases } from "./elasticsearch";
import { gatewayCases } from "./gateway";
import { gpuCases } from "./gpus";
import { identityCases } from "./identity";
import { inferenceCases } from "./inference";
import { kafkaCases } from "./kafka";
import { kubernetesCases } from "./kubernetes";
import { milvusCases } from "./milvus";
import { minioCases } from "./minio";
import { nameServerCases, recordCases } from "./names";
import { natsCases } from "./nats";
import { neo4jCases } from "./neo4j";
import { networkCases } from "./network";
import { nodeCases } from "./nodes";
import { observabilityCases } from "./observability";
import { postgresCases } from "./postgres";
import { probeCases } from "./probes";
import { qdrantCases } from "./qdrant";
import { falcoCases } from "./safety";
import { externalSecretCases, vaultCases } from "./secrets";
import { longhornCases } from "./storage";
import { storeCases } from "./stores";
import { valkeyCases } from "./valkey";
import { workloadCases } from "./workloads";

/** The cases of every area; test/real/alerts.test.ts holds that no alert and no recording is without one. */
export const alertCases: readonly AreaCases[] = [
  n8nCases,
  backupJobCases,
  veleroCases,
  capacityCases,
  certificateCases,
  gatewayCases,
  gpuCases,
  identityCases,
  inferenceCases,
  kubernetesCases,
  nameServerCases,
  recordCases,
  networkCases,
  nodeCases,
  observabilityCases,
  probeCases,
  falcoCases,
  externalSecretCases,
  vaultCases,
  longhornCases,
  storeCases,
  workloadCases,
  postgresCases,
  valkeyCases,
  qdrantCases,
  neo4jCases,
  natsCases,
  minioCases,
  milvusCases,
  kafkaCases,
  elasticsearchCases,
  clickhouseCases,
];
