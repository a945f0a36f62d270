import { startCloudController } from "./cloud-controller";
import { startDefinitions } from "./definitions";
import { startDevices } from "./devices";
import { startExtension } from "./extensions";
import { acmeSolver } from "./extensions/acme-solver";
import { startLonghorn } from "./longhorn";
import { startMetrics } from "./metrics";
import { certManager } from "./operators/cert-manager";
import { clickhouse } from "./operators/clickhouse";
import { cloudNativePg } from "./operators/cloudnative-pg";
import { eck } from "./operators/eck";
import { envoyGateway } from "./operators/envoy-gateway";
import { externalSecrets } from "./operators/external-secrets";
import { ingressNginx } from "./operators/ingress-nginx";
import { intelDevicePlugins } from "./operators/intel-device-plugins";
import { istio } from "./operators/istio";
import { keda } from "./operators/keda";
import { externalMetrics } from "./operators/keda/external-metrics";
import { kserve } from "./operators/kserve";
import { kuberay } from "./operators/kuberay";
import { milvus } from "./operators/milvus";
import { nack } from "./operators/nack";
import { prometheusOperator } from "./operators/prometheus";
import { startOperator } from "./operators/run";
import { strimzi } from "./operators/strimzi";
import { tailscale } from "./operators/tailscale";
import type { Operator } from "./operators/types";
import { velero } from "./operators/velero";
import { startReadiness } from "./readiness";
import { Cluster } from "./runtime/cluster";
import { Context } from "./runtime/context";
import { startHcloudVolumes } from "./volumes/hcloud";
import { startLocalPath } from "./volumes/local-path";
import { startNfs } from "./volumes/nfs";
import { startWebhooks } from "./webhooks";

export interface StandInOptions {
  /** Path of a kubeconfig, or its text. */
  kubeconfig: string;
  /** e.g. http://127.83.12.1:8443/v1 */
  hetznerEndpoint: string;
  log(line: string): void;
  /** Folder of `<plural>.<group>.json`, for definitions that an operator registers at run time. @default open ones */
  crdsDir?: string;
}

export interface StandIns {
  close(): Promise<void>;
  /** What was stood in for so far, for the summary. */
  active(): string[];
}

/** Every operator whose custom resources become objects that take room in the cluster. */
const operators: Operator[] = [
  certManager,
  clickhouse,
  cloudNativePg,
  eck,
  envoyGateway,
  ingressNginx,
  intelDevicePlugins,
  istio,
  keda,
  kserve,
  kuberay,
  externalSecrets,
  milvus,
  strimzi,
  tailscale,
  velero,
  nack,
  prometheusOperator,
];

/**
 * Does what the platform's own pods would do and somebody waits for. Each part acts only while its real workload runs
 * in the cluster, with the credentials that this workload was given. Comes back by itself when the API server was away.
 */
export async function startStandIns(options: StandInOptions): Promise<StandIns> {
  const context = new Context(
    Cluster.connect(options.kubeconfig),
    options.hetznerEndpoint.replace(/\/$/, ""),
    (line) => options.log(`stand-ins: ${line}`),
    options.crdsDir,
  );
  startCloudController(context);
  startHcloudVolumes(context);
  startLocalPath(context);
  startNfs(context);
  startLonghorn(context);
  startMetrics(context);
  startExtension(context, acmeSolver);
  startExtension(context, externalMetrics);
  startDefinitions(context);
  startDevices(context);
  startReadiness(context);
  startWebhooks(context);
  for (const operator of operators) startOperator(context, operator);
  return { close: () => context.close(), active: () => context.active() };
}
