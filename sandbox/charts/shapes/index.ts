import type { ChartShape } from "../shape";
import { alloy } from "./alloy";
import { clickhouseOperator } from "./altinity-clickhouse-operator";
import { istioBase } from "./base";
import { certManager } from "./cert-manager";
import { cilium } from "./cilium";
import { cloudNativePg } from "./cloudnative-pg";
import { istioCni } from "./cni";
import { onePasswordConnect } from "./connect";
import { nfsCsi } from "./csi-driver-nfs";
import { elasticOperator } from "./eck-operator";
import { externalDns } from "./external-dns";
import { externalSecrets } from "./external-secrets";
import { falco } from "./falco";
import { fluentBit } from "./fluent-bit";
import { gatewayHelm } from "./gateway-helm";
import { cloudController } from "./hcloud-cloud-controller-manager";
import { cloudVolumes } from "./hcloud-csi";
import { ingressNginx } from "./ingress-nginx";
import { intelDevicePlugins } from "./intel-device-plugins-operator";
import { istiod } from "./istiod";
import { keda } from "./keda";
import { kserve, kserveDefinitions } from "./kserve";
import { kubePrometheusStack } from "./kube-prometheus-stack";
import { kubeStateMetrics } from "./kube-state-metrics";
import { kuberay } from "./kuberay-operator";
import { longhorn } from "./longhorn";
import { metricsServer } from "./metrics-server";
import { milvusOperator } from "./milvus-operator";
import { nack } from "./nack";
import { nats } from "./nats";
import { nodeFeatureDiscovery } from "./node-feature-discovery";
import { nvidiaDevicePlugin } from "./nvidia-device-plugin";
import { opentelemetryOperator } from "./opentelemetry-operator";
import { barmanCloud } from "./plugin-barman-cloud";
import { nodeExporter } from "./prometheus-node-exporter";
import { strimzi } from "./strimzi-kafka-operator";
import { tailscaleOperator } from "./tailscale-operator";
import { vault } from "./vault";
import { velero } from "./velero";
import { volcano } from "./volcano";
import { ztunnel } from "./ztunnel";

export const shapes: ChartShape[] = [
  alloy,
  barmanCloud,
  certManager,
  cilium,
  clickhouseOperator,
  cloudController,
  cloudNativePg,
  cloudVolumes,
  elasticOperator,
  externalDns,
  falco,
  fluentBit,
  gatewayHelm,
  ingressNginx,
  intelDevicePlugins,
  istioBase,
  istioCni,
  istiod,
  keda,
  kserve,
  kserveDefinitions,
  kubePrometheusStack,
  kubeStateMetrics,
  kuberay,
  longhorn,
  metricsServer,
  milvusOperator,
  nack,
  nats,
  nfsCsi,
  nodeExporter,
  nodeFeatureDiscovery,
  nvidiaDevicePlugin,
  onePasswordConnect,
  opentelemetryOperator,
  externalSecrets,
  vault,
  strimzi,
  tailscaleOperator,
  velero,
  volcano,
  ztunnel,
];

export function shapeOf(chart: string): ChartShape | undefined {
  return shapes.find((shape) => shape.chart === chart);
}
