import type { Operator } from "../../../components/kit/operator";
import { KubeStateMetrics } from "../../../components/observability/exporters/kube-state-metrics";
import { NodeExporter } from "../../../components/observability/exporters/node-exporter";
import { Prometheus } from "../../../components/observability/prometheus";
import type { AlertReceiver, MetricsStore } from "../../../components/observability/stores";
import { durableClass } from "../../../components/platform";
import type { Settings } from "../../settings";
import {
  prometheusReplicas,
  prometheusRetentionDays,
  prometheusSamplesPerTarget,
  prometheusStorageGiB,
} from "../../settings/observability";
import { fullHost } from "../../settings/routes";
import { exposeConsole } from "../consoles";
import type { LateSystems, SystemContext } from "../context";

/** What Prometheus stands on and what it sends to. */
export interface MetricsNeeds {
  readonly operator: Operator;
  /** Mimir. @default - Prometheus keeps everything itself */
  readonly longTerm?: MetricsStore;
  /** Alertmanager. @default - nobody is told of alerts */
  readonly alerts?: AlertReceiver;
}

/** Prometheus, the exporters of nodes and of the cluster's objects, and the web page where it is exposed. */
export function createMetrics(context: SystemContext, systems: LateSystems, needs: MetricsNeeds): Prometheus {
  const { settings, platform, opts } = context;
  const { metrics, size } = settings.observability;
  const { charts, namespaces, storage } = platform;
  new KubeStateMetrics("kube-state-metrics", { charts, namespaces, size }, opts);
  new NodeExporter("node-exporter", { charts, namespaces }, opts);
  declareCoreDns(context);
  const prometheus = new Prometheus(
    "prometheus",
    {
      ...needs,
      namespaces,
      cluster: settings.cluster.name,
      replicas: prometheusReplicas(settings),
      retentionDays: prometheusRetentionDays(settings),
      storageGiB: prometheusStorageGiB(settings),
      storageClass: durableClass(storage),
      size,
      scrapeIntervalSeconds: metrics.scrapeIntervalSeconds,
      samplesPerTarget: prometheusSamplesPerTarget(settings),
      externalUrl: externalUrl(settings),
    },
    opts,
  );
  exposeConsole("prometheus", () => prometheus.backend(), context, systems);
  return prometheus;
}

/** Talos runs it before there is any of us who could say so. */
function declareCoreDns({ platform }: SystemContext): void {
  const namespace = "kube-system";
  platform.namespaces.telemetry.metrics({
    identity: { name: "coredns", instance: "coredns", component: "dns", domain: namespace },
    pods: { namespace, labels: { "k8s-app": "kube-dns" }, instance: "coredns" },
    port: { name: "metrics", port: 9153 },
  });
}

function externalUrl({ cluster, identity, gateway, observability }: Settings): string | undefined {
  const { console } = observability.metrics;
  const exposed = console !== undefined && identity.enabled && gateway.enabled;
  return exposed ? `https://${fullHost(console.host, cluster.domain)}` : undefined;
}
