import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource, type ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, chartPods, exceptionAnnotations } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { openApiServer } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { priorities } from "../../kit/priorities";
import { type Environment, resources, type Size } from "../../kit/sizes";

export interface KubeStateMetricsArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** @default small */
  readonly size?: Size;
}

const PORT = { name: "http", port: 8080 } as const;

/** What the cluster's objects say of themselves, as metrics: replicas wanted and there, requests, phases, conditions. */
export class KubeStateMetrics extends Component {
  constructor(name: string, args: KubeStateMetricsArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("observability");
    super("orrery:observability:KubeStateMetrics", name, after(opts, namespace));
    const chart = charts.kubeStateMetrics;
    const identity = chartIdentity(chart, { instance: name, component: "exporter", domain: namespace.name });
    const pods = chartPods(chart, name, namespace.name);

    const path = openApiServer(`${name}-api-server`, { pods, owner: identity }, this.child());
    const values = kubeStateMetricsValues(namespace.environment, args.size ?? "small");
    new Chart(
      name,
      { chart, source: args.charts, namespace: namespace.name, values },
      this.child({ dependsOn: [path] }),
    );
    // Every series is about another object than this pod.
    namespace.telemetry.metrics({ identity, pods, port: PORT, honorLabels: true });

    this.registerOutputs({});
  }
}

/** Kinds whose objects are counted. No Secrets and ConfigMaps: it would have to be allowed to read them. */
export const collectors = [
  "cronjobs",
  "daemonsets",
  "deployments",
  "horizontalpodautoscalers",
  "jobs",
  "namespaces",
  "nodes",
  "persistentvolumeclaims",
  "persistentvolumes",
  "poddisruptionbudgets",
  "pods",
  "replicasets",
  "resourcequotas",
  "statefulsets",
];

/** Of each object several, and no dashboard or alert asks for them. */
export const denied = [
  "kube_.+_annotations",
  // Of cronjobs it is asked for: since when one should have run.
  "kube_(daemonset|deployment|job|namespace|node|persistentvolume|persistentvolumeclaim|pod|poddisruptionbudget|replicaset|resourcequota|statefulset)_created",
  "kube_.+_metadata_resource_version",
  "kube_pod_(completion_time|ips|overhead_.+|restart_policy|runtimeclass_name_info|scheduler|service_account|status_qos_class|status_scheduled_time|status_container_ready_time|status_initialized_time|status_ready_time|tolerations)",
  "kube_pod_container_state_started",
  "kube_pod_init_container_.+",
  "kube_pod_spec_volumes_persistentvolumeclaims_readonly",
  "kube_replicaset_(status_.+|spec_replicas)",
];

/** Labels that become part of `kube_<kind>_labels`. Every one of them is a label more on a series of each object. */
const labelsKept = [
  "namespaces=[orrery.dev/owner]",
  "nodes=[node.kubernetes.io/instance-type,topology.kubernetes.io/region,topology.kubernetes.io/zone,orrery.dev/gpu,orrery.dev/pool]",
  "pods=[app.kubernetes.io/instance,app.kubernetes.io/name,orrery.dev/owner]",
  "persistentvolumeclaims=[app.kubernetes.io/instance]",
];

const memoryMiB: Readonly<Record<Environment, Readonly<Record<Size, number>>>> = {
  dev: { small: 64, medium: 128, large: 192 },
  prod: { small: 128, medium: 256, large: 512 },
};

/** Values of kube-state-metrics' chart. */
export function kubeStateMetricsValues(environment: Environment, size: Size): ChartValues {
  return {
    collectors,
    metricDenylist: denied,
    metricLabelsAllowlist: labelsKept,
    // It is asked for by a monitor, not by annotations.
    prometheusScrape: false,
    priorityClassName: priorities.platform.name,
    podAnnotations: exceptionAnnotations([
      { rule: "service-account-token", reason: "it watches the objects that it counts" },
    ]),
    resources: { ...resources(10, memoryMiB[environment][size]) },
  };
}
