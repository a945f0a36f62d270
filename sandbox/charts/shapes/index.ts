import type { ChartShape } from "../shape";
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
import { gatewayHelm } from "./gateway-helm";
import { cloudController } from "./hcloud-cloud-controller-manager";
import { cloudVolumes } from "./hcloud-csi";
import { ingressNginx } from "./ingress-nginx";
import { istiod } from "./istiod";
import { longhorn } from "./longhorn";
import { metricsServer } from "./metrics-server";
import { milvusOperator } from "./milvus-operator";
import { nack } from "./nack";
import { nats } from "./nats";
import { nodeFeatureDiscovery } from "./node-feature-discovery";
import { barmanCloud } from "./plugin-barman-cloud";
import { strimzi } from "./strimzi-kafka-operator";
import { tailscaleOperator } from "./tailscale-operator";
import { vault } from "./vault";
import { velero } from "./velero";
import { ztunnel } from "./ztunnel";

export const shapes: ChartShape[] = [
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
  gatewayHelm,
  ingressNginx,
  istioBase,
  istioCni,
  istiod,
  longhorn,
  metricsServer,
  milvusOperator,
  nack,
  nats,
  nfsCsi,
  nodeFeatureDiscovery,
  onePasswordConnect,
  externalSecrets,
  vault,
  strimzi,
  tailscaleOperator,
  velero,
  ztunnel,
];

export function shapeOf(chart: string): ChartShape | undefined {
  return shapes.find((shape) => shape.chart === chart);
}
