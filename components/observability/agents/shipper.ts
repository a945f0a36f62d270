import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource } from "../../kit/chart";
import { chartIdentity, chartPods, metadata } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { openApiServer } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { configHash } from "../../kit/volumes";
import { alloyAgent } from "../alloy/agent";
import { fluentBitAgent } from "../fluent-bit/agent";
import type { LogStore } from "../stores";
import type { Agent } from "./agent";

export type ShipperKind = "alloy" | "fluent-bit";

export const agents: Readonly<Record<ShipperKind, Agent>> = { alloy: alloyAgent, "fluent-bit": fluentBitAgent };

export interface LogShipperArgs {
  readonly kind: ShipperKind;
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  readonly cluster: string;
  readonly store: LogStore;
}

/** Reads the logs of pods and nodes, on every node, and sends them to Loki. Named as the release. */
export class LogShipper extends Component {
  constructor(name: string, args: LogShipperArgs, opts?: pulumi.ComponentResourceOptions) {
    const { kind, store, cluster } = args;
    const namespace = args.namespaces.get("observability-agents");
    super("orrery:observability:LogShipper", name, after(opts, namespace, store.ready));

    const { chart, metrics, ...agent } = agents[kind];
    const identity = chartIdentity(chart, { instance: name, component: "log-shipper", domain: namespace.name });
    const pods = chartPods(chart, name, namespace.name);
    store.openWrite({ identity, pods, namespace }, this);
    const path = openApiServer(`${name}-api-server`, { pods, owner: identity }, this.child());

    const files = agent.files({ cluster, pushUrl: store.pushUrl });
    const configMap = `${name}-config`;
    const config = new k8s.core.v1.ConfigMap(
      configMap,
      { metadata: metadata(identity, { name: configMap, namespace: namespace.name }), data: { ...files } },
      this.child(),
    );
    const values = agent.values({ configMap, configHash: configHash({ path: "", files }) });
    new Chart(
      name,
      { chart, source: args.charts, namespace: namespace.name, values },
      this.child({ dependsOn: [path, config] }),
    );

    namespace.telemetry.metrics({ identity, pods, ...metrics });
    this.registerOutputs({ namespace: namespace.name });
  }
}
