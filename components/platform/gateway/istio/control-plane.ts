import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../base";
import { Chart, type ChartSource } from "../../../kit/chart";
import { ChartDefinitions } from "../../../kit/chart-definitions";
import { locateChart } from "../../../kit/chart-location";
import { charts } from "../../../kit/charts";
import type { Identity, PodIdentity } from "../../../kit/labels";
import type { DomainNamespace } from "../../../kit/namespace";
import { openApiServer } from "../../../kit/network-policy";
import { after } from "../../../kit/options";
import { Paths } from "../../../kit/paths";
import { GATEWAY_API } from "../gateway-api";
import { createObject } from "../objects";
import {
  baseValues,
  CONTROLLER_NAME,
  GATEWAY_CLASS,
  ISTIOD_LABELS,
  type IstiodValuesArgs,
  istiodValues,
} from "./values";

/** Where proxies get configuration and certificates. */
const XDS = { name: "xds", port: 15012 };
const METRICS = { name: "http-monitoring", port: 15014 };
/** Where the API server asks whether Istio's own objects are right. */
const WEBHOOK_PORT = 15017;

export interface IstioControlPlaneArgs extends Omit<IstiodValuesArgs, "environment"> {
  readonly charts: ChartSource;
  /** Administrator's kubeconfig, for the definitions of Gateway API. */
  readonly kubeconfig: pulumi.Input<string>;
  /** Istio's own namespace. */
  readonly namespace: DomainNamespace;
}

/** istiod, the definitions that it reads, and the GatewayClass that it answers for. */
export class IstioControlPlane extends Component {
  readonly className = GATEWAY_CLASS;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  /** Port at which proxies ask. */
  readonly xds = XDS;

  constructor(name: string, args: IstioControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:IstioControlPlane", name, after(opts, args.namespace));
    this.namespace = args.namespace;
    this.identity = {
      name: "istio",
      instance: "istiod",
      component: "control-plane",
      domain: args.namespace.name,
      version: charts.istiod.appVersion,
    };
    this.pods = { namespace: args.namespace.name, labels: ISTIOD_LABELS, instance: "istiod" };

    const definitions = this.createDefinitions(name, args);
    const istiod = this.createIstiod(name, args, definitions);
    createObject(
      `${name}-class`,
      this.identity,
      { name: this.className },
      { apiVersion: GATEWAY_API, kind: "GatewayClass", spec: { controllerName: CONTROLLER_NAME } },
      this.child({ dependsOn: [istiod] }),
    );

    args.namespace.telemetry.metrics({ identity: this.identity, pods: this.pods, port: METRICS });
    this.registerOutputs({ className: this.className });
  }

  /**
   * Istio's own come with its chart, and Gateway API's with nobody: they are those of Envoy Gateway's chart, so that
   * they are the same ones whatever the kind of the gateway is, and are there when it changes.
   */
  private createDefinitions(name: string, args: IstioControlPlaneArgs): pulumi.Resource[] {
    const { charts: source, kubeconfig, namespace } = args;
    const base = { chart: charts.istioBase, source, namespace: namespace.name, values: baseValues() };
    return [
      new ChartDefinitions(
        `${name}-gateway-api`,
        { location: locateChart(charts.envoyGateway, source), kubeconfig },
        this.child(),
      ),
      new Chart("istio-base", base, this.child()),
    ];
  }

  private createIstiod(name: string, args: IstioControlPlaneArgs, definitions: pulumi.Resource[]): pulumi.Resource {
    const paths = new Paths(
      `${name}-paths`,
      (child) => {
        const { pods, identity: owner } = this;
        openApiServer(`${name}-api-server`, { pods, owner, webhookPorts: [WEBHOOK_PORT] }, child);
      },
      this.child(),
    );
    return new Chart(
      "istiod",
      {
        chart: charts.istiod,
        source: args.charts,
        namespace: args.namespace.name,
        values: istiodValues({ ...args, environment: args.namespace.environment }),
      },
      this.child({ dependsOn: [...definitions, paths] }),
    );
  }
}
