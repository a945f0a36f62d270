import type * as pulumi from "@pulumi/pulumi";
import type { ChartSource, ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { exceptionAnnotations } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { Operator } from "../../kit/operator";
import { priorities } from "../../kit/priorities";
import { resources } from "../../kit/sizes";
import { KUBELET_SERVICE, SERVERS_NAMESPACE } from "./names";

/** Where the operator serves its own metrics. */
const METRICS = { name: "http", port: 8080 } as const;

/** By these the chart finds the operator's pods; its other labels bear the chart's version. */
const podLabels = (release: string) => ({ app: `${charts.prometheusOperator.name}-operator`, release });

export interface PrometheusOperatorArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
}

/** Makes Prometheus and Alertmanager out of custom resources, and their configuration out of monitors and rules. */
export function createPrometheusOperator(
  name: string,
  { charts: source, namespaces }: PrometheusOperatorArgs,
  opts: pulumi.ComponentResourceOptions,
): Operator {
  return new Operator(
    name,
    {
      chart: charts.prometheusOperator,
      charts: source,
      namespace: namespaces.get("prometheus-system"),
      values: prometheusOperatorValues(),
      podLabels: podLabels(name),
      metrics: { port: METRICS },
    },
    opts,
  );
}

/** Values of kube-prometheus-stack: of all that it can install, the operator alone. */
export function prometheusOperatorValues(): ChartValues {
  return {
    ...NOTHING_ELSE,
    // The Deployment is called `prometheus-operator`.
    fullnameOverride: "prometheus",
    prometheusOperator: {
      // Who writes rules by hand would be told earlier. Those of the program are checked by promtool before they get
      // here, the operator leaves out any other that is wrong, and a webhook that does not answer refuses all of them.
      admissionWebhooks: { enabled: false },
      // Its certificate would come from the webhook's job. It serves metrics alone.
      tls: { enabled: false },
      serviceMonitor: { selfMonitor: false },
      prometheusInstanceNamespaces: [SERVERS_NAMESPACE],
      alertmanagerInstanceNamespaces: [SERVERS_NAMESPACE],
      thanosRulerInstanceNamespaces: [SERVERS_NAMESPACE],
      // Receivers belong to the platform: nobody's AlertmanagerConfig adds one.
      alertmanagerConfigNamespaces: [SERVERS_NAMESPACE],
      kubeletService: { enabled: true, ...KUBELET_SERVICE },
      kubeletEndpointsEnabled: false,
      kubeletEndpointSliceEnabled: true,
      // Authorities and tokens of monitors are in the targets' namespaces, and are renewed there.
      extraArgs: ["--watch-referenced-objects-in-all-namespaces=true"],
      priorityClassName: priorities.platform.name,
      podAnnotations: exceptionAnnotations([
        { rule: "service-account-token", reason: "it makes what the monitoring resources ask for" },
      ]),
      // A busy operator is spared: it is the same question as readiness.
      livenessProbe: { failureThreshold: 6 },
      resources: { ...resources(20, 96, 256) },
      prometheusConfigReloader: {
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
      },
    },
  };
}

const OFF = { enabled: false } as const;

/** The parts of the chart that are made here, each with its own component, or not at all. */
const NOTHING_ELSE: ChartValues = {
  defaultRules: { create: false },
  alertmanager: OFF,
  grafana: { ...OFF, forceDeployDashboards: false, forceDeployDatasources: false },
  kubernetesServiceMonitors: OFF,
  kubeApiServer: OFF,
  kubelet: OFF,
  kubeControllerManager: OFF,
  coreDns: OFF,
  kubeDns: OFF,
  kubeEtcd: OFF,
  kubeScheduler: OFF,
  kubeProxy: OFF,
  kubeStateMetrics: OFF,
  nodeExporter: OFF,
  prometheus: OFF,
  thanosRuler: OFF,
};
