import { clickhouseOperatorValues } from "../../../../components/data/clickhouse/operator-values";
import { elasticOperatorValues } from "../../../../components/data/elasticsearch/operator";
import { kafkaOperatorValues } from "../../../../components/data/kafka/operator";
import { milvusOperatorValues } from "../../../../components/data/milvus/operator";
import { controllerValues } from "../../../../components/data/nats/controller";
import { natsValues } from "../../../../components/data/nats/values";
import { barmanPluginValues } from "../../../../components/data/postgres/barman-plugin";
import { postgresOperatorValues } from "../../../../components/data/postgres/operator";
import { intelOperatorValues } from "../../../../components/inference/gpu/intel";
import { nvidiaPluginValues } from "../../../../components/inference/gpu/nvidia-values";
import type { ChartValues } from "../../../../components/kit/chart";
import type { ChartPin } from "../../../../components/kit/charts";
import { charts } from "../../../../components/kit/charts";
import { chartIdentity } from "../../../../components/kit/labels";
import type { Environment } from "../../../../components/kit/sizes";
import { agents } from "../../../../components/observability/agents/shipper";
import { kubeStateMetricsValues } from "../../../../components/observability/exporters/kube-state-metrics";
import { nodeExporterValues } from "../../../../components/observability/exporters/node-exporter";
import { instrumentationOperatorValues } from "../../../../components/observability/instrumentation/operator";
import { prometheusOperatorValues } from "../../../../components/observability/prometheus/operator";
import { veleroValues } from "../../../../components/platform/backup/velero-values";
import { certManagerValues } from "../../../../components/platform/certificates/cert-manager";
import { ciliumValues } from "../../../../components/platform/cilium-values";
import { cloudControllerValues } from "../../../../components/platform/cloud-controller";
import { cloudVolumesValues } from "../../../../components/platform/cloud-volumes";
import { externalDnsValues } from "../../../../components/platform/dns/records-values";
import { tailscaleValues } from "../../../../components/platform/dns/tailscale-specs";
import { envoyGatewayValues } from "../../../../components/platform/gateway/envoy/values";
import {
  baseValues,
  cniValues,
  istiodValues,
  ztunnelValues,
} from "../../../../components/platform/gateway/istio/values";
import { nginxValues } from "../../../../components/platform/gateway/nginx/values";
import { falcoValues } from "../../../../components/platform/safety/falco";
import { metricsServerValues } from "../../../../components/platform/safety/metrics-server";
import { nodeFeatureDiscoveryValues } from "../../../../components/platform/safety/node-feature-discovery";
import { externalSecretsValues } from "../../../../components/platform/secrets/external-secrets";
import { onePasswordConnectValues } from "../../../../components/platform/secrets/onepassword";
import { vaultValues } from "../../../../components/platform/secrets/vault-values";
import { longhornValues } from "../../../../components/platform/storage/longhorn-values";
import { nfsValues } from "../../../../components/platform/storage/nfs";
import { nodeMtuBytes } from "../../../../components/talos/config/network";
import { gpuMachine } from "../inference/gpu/machines";

export interface ValuesCase {
  readonly title: string;
  readonly chart: ChartPin;
  readonly values: ChartValues;
  /** Maps of the chart into which anything may be put, although they are not empty by default. */
  readonly open: readonly string[];
  /** Keys that the chart's values show in a comment only. @default - none */
  readonly commented?: readonly string[];
}

const environments: readonly Environment[] = ["dev", "prod"];

/** The values of every chart that the program installs, in the variants that it can produce. */
export const valuesCases: readonly ValuesCase[] = environments.flatMap((environment) => [
  ...[true, false].map((kubespan) => ({
    title: `cilium, ${environment}, ${kubespan ? "with" : "without"} KubeSpan`,
    chart: charts.cilium,
    values: ciliumValues({
      environment,
      nodes: environment === "prod" ? 7 : 1,
      network: { mtuBytes: nodeMtuBytes(kubespan), encrypted: kubespan },
      ...(kubespan ? { flowLog: { verdicts: ["DROPPED"] } } : { mesh: true }),
    }),
    open: [],
    ...(kubespan ? {} : { commented: ["socketLB.hostNamespaceOnly"] }),
  })),
  {
    title: `the Prometheus operator, ${environment}`,
    chart: charts.prometheusOperator,
    values: prometheusOperatorValues(),
    open: [],
    commented: ["prometheusOperator.priorityClassName"],
  },
  {
    title: `kube-state-metrics, ${environment}`,
    chart: charts.kubeStateMetrics,
    values: kubeStateMetricsValues(environment, "small"),
    open: [],
    commented: ["priorityClassName"],
  },
  {
    title: `node-exporter, ${environment}`,
    chart: charts.nodeExporter,
    values: nodeExporterValues(),
    open: ["securityContext", "containerSecurityContext"],
    commented: ["priorityClassName"],
  },
  {
    title: `ClickHouse's operator, ${environment}`,
    chart: charts.clickHouseOperator,
    values: clickhouseOperatorValues("clickhouse-operator", "db"),
    // Written out as they are; the exporter's annotations stay beside ours.
    open: [
      "podAnnotations",
      "podLabels",
      "podSecurityContext",
      "operator.resources",
      "operator.containerSecurityContext",
      "metrics.resources",
      "metrics.containerSecurityContext",
    ],
  },
  {
    title: `Elasticsearch's operator, ${environment}`,
    chart: charts.elasticOperator,
    values: elasticOperatorValues(environment, ["elastic"]),
    // The chart writes its security context out as it is.
    open: ["podSecurityContext"],
  },
  {
    title: `cloud controller, ${environment}`,
    chart: charts.cloudController,
    values: cloudControllerValues({
      podCidr: "10.244.0.0/16",
      hcloud: environment === "prod" ? { location: "fsn1", endpoint: "https://api.test/v1", robot: {} } : {},
    }),
    // The chart writes its resources out as they are.
    open: ["env", "resources"],
  },
  {
    title: `volumes, ${environment}`,
    chart: charts.cloudVolumes,
    values: cloudVolumesValues({ environment, endpoint: environment === "prod" ? "https://api.test/v1" : undefined }),
    open: [],
  },
  {
    title: `Longhorn, ${environment}`,
    chart: charts.longhorn,
    values: longhornValues({ environment, replicas: 3, keptOnDestroy: environment === "prod" }),
    open: [],
  },
  { title: `NFS driver, ${environment}`, chart: charts.nfsCsi, values: nfsValues(), open: [] },
  {
    title: `metrics-server, ${environment}`,
    chart: charts.metricsServer,
    values: metricsServerValues({ environment, nodes: 3 }),
    // The chart writes its resources out as they are.
    open: ["resources"],
  },
  {
    title: `Node Feature Discovery, ${environment}`,
    chart: charts.nodeFeatureDiscovery,
    values: nodeFeatureDiscoveryValues(),
    open: [],
  },
  {
    title: `Alloy, ${environment}`,
    chart: charts.alloy,
    values: agents.alloy.values({ configMap: "alloy-config", configHash: "0123" }),
    open: [],
  },
  {
    title: `Fluent Bit, ${environment}`,
    chart: charts.fluentBit,
    values: agents["fluent-bit"].values({ configMap: "fluent-bit-config", configHash: "0123" }),
    open: [],
  },
  ...[[], [gpuMachine("time-slicing", 20), gpuMachine("mps", 4)]].map((machines) => ({
    title: `NVIDIA's device plugin, ${environment}, ${machines.length} machines that share`,
    chart: charts.nvidiaDevicePlugin,
    values: nvidiaPluginValues(machines),
    open: ["config.map"],
  })),
  {
    title: `the operator of Intel's device plugins, ${environment}`,
    chart: charts.intelDevicePlugins,
    values: intelOperatorValues(),
    open: [],
    commented: ["manager.devices.gpu"],
  },
  { title: `Falco, ${environment}`, chart: charts.falco, values: falcoValues("notice"), open: [] },
  {
    title: `cert-manager, ${environment}`,
    chart: charts.certManager,
    values: certManagerValues({ environment, gatewayApi: environment === "prod" }),
    open: [],
    commented: ["podAnnotations", "webhook.podAnnotations", "cainjector.podAnnotations"],
  },
  {
    title: `external-dns, ${environment}`,
    chart: charts.externalDns,
    values: externalDnsValues({
      provider: environment === "prod" ? "hetzner" : "cloudflare",
      zone: "orrery.dev",
      clusterName: "demo",
      policy: "sync",
      routes: environment === "prod" ? "gateway" : "ingress",
      tokenSecret: { name: "dns-api-token", key: "token" },
    }),
    open: [],
  },
  {
    title: `Tailscale operator, ${environment}`,
    chart: charts.tailscaleOperator,
    values: tailscaleValues({ clusterName: "demo", tag: "tag:k8s" }),
    open: [],
  },
  ...[true, false].map((volumes) => ({
    title: `Velero, ${environment}, ${volumes ? "with" : "without"} volumes`,
    chart: charts.velero,
    values: veleroValues({ secretName: "keys", volumes, caConfigMap: volumes ? "internal-ca" : undefined }),
    // The chart writes them out as they are.
    open: ["nodeAgent.podSecurityContext"],
  })),
  { title: `Barman plugin, ${environment}`, chart: charts.barmanCloud, values: barmanPluginValues(), open: [] },
  {
    title: `External Secrets, ${environment}`,
    chart: charts.externalSecrets,
    values: externalSecretsValues(environment),
    open: [],
  },
  {
    title: `Vault, ${environment}`,
    chart: charts.vault,
    values: vaultValues("vault", {
      replicas: environment === "prod" ? 3 : 1,
      storageClass: "hcloud-volumes",
      size: "small",
      environment,
      tlsSecret: "vault-tls",
    }),
    open: [],
  },
  {
    title: `1Password Connect, ${environment}`,
    chart: charts.onePasswordConnect,
    values: onePasswordConnectValues("connect"),
    open: ["connect.api.resources.requests"],
  },
  {
    title: `Envoy Gateway, ${environment}`,
    chart: charts.envoyGateway,
    values: envoyGatewayValues(environment),
    // Written out as they are, into the pods and the controller's configuration.
    open: ["deployment.pod.annotations", "config.envoyGateway"],
  },
  ...[true, false].map((several) => ({
    title: `ingress-nginx, ${environment}, ${several ? "several pods" : "one pod"}`,
    chart: charts.ingressNginx,
    values: nginxValues({
      replicas: several ? 3 : 1,
      size: "small",
      proxyProtocol: several,
      tcp: several,
      certificate: "example-com-tls",
    }),
    // The chart writes its resources out as they are.
    open: ["controller.resources"],
  })),
  { title: `Istio's definitions, ${environment}`, chart: charts.istioBase, values: baseValues(), open: [] },
  ...[true, false].map((mesh) => ({
    title: `istiod, ${environment}, ${mesh ? "with" : "without"} the mesh`,
    chart: charts.istiod,
    values: istiodValues({ environment, replicas: mesh ? 2 : 1, size: "small", proxyProtocol: mesh, mesh }),
    // The mesh's configuration is Istio's own API, of which the chart shows one field.
    open: ["resources", "meshConfig"],
  })),
  { title: `Istio's agents, ${environment}`, chart: charts.istioCni, values: cniValues(), open: ["resources"] },
  {
    title: `ztunnel, ${environment}`,
    chart: charts.ztunnel,
    values: ztunnelValues(),
    open: ["resources", "podAnnotations"],
  },
  {
    title: `Milvus operator, ${environment}`,
    chart: charts.milvusOperator,
    values: milvusOperatorValues(),
    // Written out as it is.
    open: ["podSecurityContext"],
  },
  {
    title: `NATS, ${environment}`,
    chart: charts.nats,
    values: natsValues("nats", {
      identity: chartIdentity(charts.nats, { instance: "nats", component: "nats", domain: "broker" }),
      environment,
      servers: environment === "prod" ? 3 : 1,
      storageGiB: 10,
      memoryStorageMiB: 128,
      size: "small",
      authSecret: "nats-auth",
      backup: { by: "native", reason: "a test" },
      ...(environment === "prod" ? { tls: { secretName: "nats-tls", caConfigMap: "internal-ca" } } : {}),
    }),
    open: [],
  },
  {
    title: `NACK, ${environment}`,
    chart: charts.jetStreamController,
    values: controllerValues({
      name: "nats-controller",
      url: "tls://nats.broker.svc:4222",
      keySecret: "nats-controller-key",
      ...(environment === "prod" ? { caConfigMap: "internal-ca" } : {}),
    }),
    open: [],
    commented: ["jetstream.nats.nkey"],
  },
  {
    title: `Kafka operator, ${environment}`,
    chart: charts.strimzi,
    values: kafkaOperatorValues(environment, "broker"),
    open: [],
  },
  {
    title: `OpenTelemetry operator, ${environment}`,
    chart: charts.opentelemetryOperator,
    values: instrumentationOperatorValues(environment, "opentelemetry-operator", ["apps", "automation"]),
    // Written out as it is.
    open: ["manager.securityContext"],
  },
  {
    title: `PostgreSQL operator, ${environment}`,
    chart: charts.cloudNativePg,
    values: postgresOperatorValues(environment),
    open: [],
  },
]);
