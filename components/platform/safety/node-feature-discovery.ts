import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource, type ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, chartPods, exceptionAnnotations } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { openApiServer } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { priorityClassOf } from "../../kit/priorities";
import { resources } from "../../kit/sizes";

export interface NodeFeatureDiscoveryArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
}

/** Labels `feature.node.kubernetes.io/...` that say what CPU, kernel and PCI devices a node has. */
export class NodeFeatureDiscovery extends Component {
  constructor(name: string, args: NodeFeatureDiscoveryArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("node-feature-discovery");
    super("orrery:platform:NodeFeatureDiscovery", name, after(opts, namespace));

    const chart = charts.nodeFeatureDiscovery;
    const owner = chartIdentity(chart, { instance: name, component: "node-features", domain: namespace.name });
    // All of its parts speak through objects in the API, and never to each other.
    const open = openApiServer(
      `${name}-api-server`,
      { pods: { namespace: namespace.name, labels: {}, instance: name }, owner },
      this.child(),
    );
    new Chart(
      name,
      { chart, source: args.charts, namespace: namespace.name, values: nodeFeatureDiscoveryValues() },
      this.child({ dependsOn: [open] }),
    );

    // Masters, workers and the collector of what is gone: all at the same port.
    namespace.telemetry.metrics({
      identity: owner,
      pods: chartPods(chart, name, namespace.name),
      port: { name: "http", port: 8080 },
    });
    this.registerOutputs({ namespace: namespace.name });
  }
}

/** Values of the chart. */
export function nodeFeatureDiscoveryValues(): ChartValues {
  const podSecurityContext = { seccompProfile: { type: "RuntimeDefault" } };
  const annotations = exceptionAnnotations([
    { rule: "service-account-token", reason: "its parts speak to each other through objects in the Kubernetes API" },
  ]);
  const pod = { podSecurityContext, annotations };
  return {
    priorityClassName: priorityClassOf("node-feature-discovery"),
    // A node with a taint has a GPU behind it: there above all it is wanted to know what it is.
    worker: { ...pod, resources: { ...resources(5, 64, 256) }, tolerations: [{ operator: "Exists" }] },
    master: { ...pod, resources: { ...resources(50, 128, 512) } },
    gc: { ...pod, resources: { ...resources(10, 64, 256) } },
  };
}
