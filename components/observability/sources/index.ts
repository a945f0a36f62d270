import type { MetricsSource } from "../../kit/signals";
import { alertmanagerSource } from "./alertmanager";
import { alloySource } from "./alloy";
import { authentikSource } from "./authentik";
import { blackboxSource } from "./blackbox";
import { certManagerSource } from "./cert-manager";
import { ciliumSource, hubbleSource } from "./cilium";
import { clickhouseSource } from "./clickhouse";
import { corednsSource, externalDnsSource } from "./dns";
import { elasticsearchExporterSource } from "./elasticsearch";
import { envoyGatewaySource, envoySource } from "./envoy";
import { externalSecretsSource } from "./external-secrets";
import { falcoSource } from "./falco";
import { fluentBitSource } from "./fluent-bit";
import { amdGpuSource, dcgmSource, intelGpuSource } from "./gpu";
import { grafanaSource } from "./grafana";
import { embeddingsSource, gatewaySource, llamaSource, raySource, vllmSource, volcanoSource } from "./inference";
import { ingressNginxSource } from "./ingress-nginx";
import { istioSource } from "./istio";
import { kafkaSource } from "./kafka";
import { keycloakSource } from "./keycloak";
import { kubeStateMetricsSource } from "./kube-state-metrics";
import { apiServerSource, cadvisorSource, kubeletSource } from "./kubernetes";
import { lokiSource } from "./loki";
import { longhornSource } from "./longhorn";
import { etcdSource, milvusSource } from "./milvus";
import { mimirSource } from "./mimir";
import { minioSource } from "./minio";
import { n8nSource } from "./n8n";
import { natsSource } from "./nats";
import { nodeExporterSource } from "./node-exporter";
import { otelCollectorSource } from "./otel-collector";
import { cnpgSource, pgbouncerSource } from "./postgres";
import { prometheusSource, remoteWriteSource, scrapeSource } from "./prometheus";
import { qdrantSource } from "./qdrant";
import { tempoSource } from "./tempo";
import { cloudflaredSource, tailscaleSource } from "./tunnels";
import { redisExporterSource } from "./valkey";
import { vaultSource } from "./vault";
import { veleroSource } from "./velero";

/**
 * Every metric that dashboards and alerts may ask for, beside those in the Signals of a service. A query that names
 * another one is a mistake: nobody exports it.
 */
export const metricsSources: readonly MetricsSource[] = [
  apiServerSource,
  kubeletSource,
  cadvisorSource,
  kubeStateMetricsSource,
  nodeExporterSource,
  ciliumSource,
  hubbleSource,
  corednsSource,
  envoySource,
  envoyGatewaySource,
  ingressNginxSource,
  istioSource,
  certManagerSource,
  externalDnsSource,
  cloudflaredSource,
  tailscaleSource,
  externalSecretsSource,
  vaultSource,
  keycloakSource,
  authentikSource,
  longhornSource,
  minioSource,
  veleroSource,
  falcoSource,
  blackboxSource,
  dcgmSource,
  amdGpuSource,
  intelGpuSource,
  scrapeSource,
  prometheusSource,
  remoteWriteSource,
  alertmanagerSource,
  grafanaSource,
  cnpgSource,
  pgbouncerSource,
  redisExporterSource,
  kafkaSource,
  natsSource,
  elasticsearchExporterSource,
  clickhouseSource,
  qdrantSource,
  milvusSource,
  etcdSource,
  vllmSource,
  raySource,
  gatewaySource,
  volcanoSource,
  embeddingsSource,
  llamaSource,
  n8nSource,
  lokiSource,
  alloySource,
  fluentBitSource,
  mimirSource,
  otelCollectorSource,
  tempoSource,
];
