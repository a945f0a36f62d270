import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource, type ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, exceptionAnnotations, type Identity, metadata } from "../../kit/labels";
import { API_SERVER_PORT } from "../../kit/network-policy";
import { type Environment, resources } from "../../kit/sizes";

export interface MetricsServerArgs {
  readonly charts: ChartSource;
  readonly environment: Environment;
  /** Nodes that take ordinary pods; decides how many copies there can be. */
  readonly nodes: number;
}

const NAMESPACE = "kube-system";
/** Its own port, which the API server calls; the kubelets' is the same. */
const PORT = 10250;

/** CPU and memory of nodes and pods as they are now: for `kubectl top` and for autoscaling. It keeps no history. */
export class MetricsServer extends Component {
  constructor(name: string, args: MetricsServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:MetricsServer", name, opts);

    const policy = createPolicy(name, this.child());
    new Chart(
      name,
      { chart: charts.metricsServer, source: args.charts, namespace: NAMESPACE, values: metricsServerValues(args) },
      this.child({ dependsOn: [policy] }),
    );

    this.registerOutputs({});
  }
}

/** The API server asks it, and it asks the kubelets. kube-system denies nothing by itself, so this says both ways. */
function createPolicy(name: string, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const chart = charts.metricsServer;
  const identity: Identity = chartIdentity(chart, { instance: name, component: "metrics", domain: "platform" });
  const nodes = { toEntities: ["host", "remote-node"], toPorts: [tcp(PORT)] };
  return new k8s.apiextensions.CustomResource(
    `${name}-paths`,
    {
      apiVersion: "cilium.io/v2",
      kind: "CiliumNetworkPolicy",
      metadata: metadata(identity, { name: `${name}-paths`, namespace: NAMESPACE }),
      spec: {
        endpointSelector: {
          matchLabels: { "app.kubernetes.io/name": chart.name, "app.kubernetes.io/instance": name },
        },
        ingress: [{ fromEntities: ["kube-apiserver", "remote-node", "host"], toPorts: [tcp(PORT)] }],
        egress: [{ toEntities: ["kube-apiserver"], toPorts: [tcp(API_SERVER_PORT)] }, nodes],
      },
    },
    opts,
  );
}

function tcp(port: number) {
  return { ports: [{ port: String(port), protocol: "TCP" }] };
}

/** Values of metrics-server's chart. */
export function metricsServerValues({ environment, nodes }: Omit<MetricsServerArgs, "charts">): ChartValues {
  const replicas = environment === "prod" && nodes > 1 ? 2 : 1;
  const selector = { matchLabels: { "app.kubernetes.io/name": charts.metricsServer.name } };
  return {
    replicas,
    // The kubelets' serving certificates are their own: an approver of signing requests would have to run before logs,
    // exec and metrics work at all. Whoever talks to a kubelet does so inside the encrypted mesh.
    args: ["--kubelet-insecure-tls"],
    resources: { ...resources(100, 200, 400) },
    tmpVolume: { emptyDir: { sizeLimit: "16Mi" } },
    podAnnotations: exceptionAnnotations([
      { rule: "service-account-token", reason: "it answers for the Kubernetes API, and asks it which nodes there are" },
    ]),
    podDisruptionBudget: { enabled: replicas > 1, ...(replicas > 1 ? { maxUnavailable: 1 } : {}) },
    topologySpreadConstraints:
      replicas > 1
        ? [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: selector,
            },
          ]
        : [],
  };
}
