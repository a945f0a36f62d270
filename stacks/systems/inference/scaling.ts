import type { ModelServer } from "../../../components/inference/model-server";
import { Keda, ModelScaling } from "../../../components/inference/scaling";
import { scaledTargets } from "../../../components/inference/scaling/spec";
import { openPath } from "../../../components/kit/network-policy";
import { prometheusPods, SERVERS_NAMESPACE, WEB } from "../../../components/observability/prometheus/names";
import type { SystemContext } from "../context";

/** As stacks/systems/observability/metrics.ts names it; it is made after everything that it watches. */
const PROMETHEUS = "prometheus";

/** KEDA, and what it scales; nothing of it where nothing is scaled, or what is scales by itself. */
export function createScaling(context: SystemContext, servers: readonly ModelServer[]): void {
  if (servers.every((server) => scaledTargets(server).length === 0)) return;
  const { settings, platform, opts } = context;
  const { charts, namespaces } = platform;
  const keda = new Keda({ charts, namespaces }, opts);
  openPrometheus(keda, context);
  new ModelScaling(
    {
      keda,
      servers,
      prometheusUrl: `http://${PROMETHEUS}.${SERVERS_NAMESPACE}.svc:${WEB.port}`,
      scrapeIntervalSeconds: settings.observability.metrics.scrapeIntervalSeconds,
      requests: requestsCounter,
    },
    opts,
  );
}

/** LiteLLM counts each request at its end, by the service's name, also those that found nobody. */
function requestsCounter(model: string): string {
  return `litellm_proxy_total_requests_metric_total{model_id="${model}"}`;
}

function openPrometheus(keda: Keda, { platform }: SystemContext): void {
  const { pods: from, identity: owner, namespace } = keda.consumer();
  const servers = platform.namespaces.get(SERVERS_NAMESPACE);
  openPath(
    `${from.instance}-${PROMETHEUS}`,
    { from, to: prometheusPods(PROMETHEUS), ports: [{ ...WEB, name: "query" }], owner },
    { parent: keda, dependsOn: [namespace, servers] },
  );
}
