import { n8nDashboard } from "../../components/apps/n8n-dashboard";
import { clickhouseDashboard } from "../../components/data/clickhouse/dashboard";
import { elasticsearchDashboard } from "../../components/data/elasticsearch/dashboard";
import { kafkaDashboard } from "../../components/data/kafka/dashboard";
import { milvusDashboard } from "../../components/data/milvus/dashboard";
import { natsDashboard } from "../../components/data/nats/dashboard";
import { neo4jDashboard } from "../../components/data/neo4j/dashboard";
import { postgresDashboard } from "../../components/data/postgres/dashboard";
import { qdrantDashboard } from "../../components/data/qdrant/dashboard";
import { valkeyDashboard } from "../../components/data/valkey/dashboard";
import type { DashboardDefinition } from "../../components/kit/dashboard";
import {
  backupsDashboard,
  capacityDashboard,
  certificatesDashboard,
  clusterDashboard,
  costDashboard,
  logsDashboard,
  nodesDashboard,
  observabilityDashboard,
  servicesDashboard,
  telemetryDashboard,
  tracesDashboard,
} from "../../components/observability/dashboards";
import { gpuDashboard } from "../../components/observability/gpu/dashboard";
import { inferenceDashboard } from "../../components/observability/inference/dashboard";
import { modelGatewayDashboard } from "../../components/observability/inference/gateway-dashboard";
import { servingDashboard } from "../../components/observability/inference/serving-dashboard";
import { veleroDashboard } from "../../components/platform/backup/velero-dashboard";
import { ciliumDashboard } from "../../components/platform/cilium-dashboard";
import { corednsDashboard } from "../../components/platform/coredns-dashboard";
import { dnsDashboard } from "../../components/platform/dns/dashboard";
import { routesDashboard } from "../../components/platform/gateway/dashboard";
import { envoyDashboard } from "../../components/platform/gateway/envoy/dashboard";
import { istioDashboard } from "../../components/platform/gateway/istio/dashboard";
import { nginxDashboard } from "../../components/platform/gateway/nginx/dashboard";
import { authentikDashboard } from "../../components/platform/identity/authentik-dashboard";
import { keycloakDashboard } from "../../components/platform/identity/keycloak-dashboard";
import { minioDashboard } from "../../components/platform/objects/dashboard";
import { falcoDashboard } from "../../components/platform/safety/dashboard";
import { externalSecretsDashboard } from "../../components/platform/secrets/external-secrets-dashboard";
import { vaultDashboard } from "../../components/platform/secrets/vault-dashboard";
import { longhornDashboard } from "../../components/platform/storage/dashboard";
import type { Settings } from "../settings";
import type { Observed } from "./names";

/** The dashboards of everything that is observed; a test holds that nobody is without one. */
export const dashboards: Readonly<Record<Observed, readonly DashboardDefinition[]>> = {
  kubernetes: [
    clusterDashboard,
    servicesDashboard,
    capacityDashboard,
    costDashboard,
    backupsDashboard,
    corednsDashboard,
  ],
  nodes: [nodesDashboard],
  certificates: [certificatesDashboard],
  observability: [observabilityDashboard, telemetryDashboard, logsDashboard, tracesDashboard],
  cilium: [ciliumDashboard],
  gateway: [routesDashboard, envoyDashboard, nginxDashboard, istioDashboard],
  dns: [dnsDashboard],
  longhorn: [longhornDashboard],
  minio: [minioDashboard],
  externalSecrets: [externalSecretsDashboard],
  vault: [vaultDashboard],
  identity: [keycloakDashboard, authentikDashboard],
  falco: [falcoDashboard],
  velero: [veleroDashboard],
  gpus: [gpuDashboard],
  inference: [modelGatewayDashboard, inferenceDashboard, servingDashboard],
  postgres: [postgresDashboard],
  valkey: [valkeyDashboard],
  kafka: [kafkaDashboard],
  nats: [natsDashboard],
  elasticsearch: [elasticsearchDashboard],
  clickhouse: [clickhouseDashboard],
  neo4j: [neo4jDashboard],
  qdrant: [qdrantDashboard],
  milvus: [milvusDashboard],
  n8n: [n8nDashboard],
};

/**
 * Where there are several kinds of something, only the dashboard of the kind that runs is of use. By the dashboards'
 * uids; the others are there whenever what they are about is on.
 */
const onlyWhen: Readonly<Record<string, (settings: Settings) => boolean>> = {
  gateway: ({ gateway }) => gateway.kind === "envoy",
  "gateway-nginx": ({ gateway }) => gateway.kind === "nginx",
  "gateway-istio": ({ gateway }) => gateway.kind === "istio",
  "identity-keycloak": ({ identity }) => identity.kind === "keycloak",
  "identity-authentik": ({ identity }) => identity.kind === "authentik",
};

/** Whether the dashboard shows something where these settings hold. */
export function isOfUse({ uid }: Pick<DashboardDefinition, "uid">, settings: Settings): boolean {
  return onlyWhen[uid]?.(settings) ?? true;
}
