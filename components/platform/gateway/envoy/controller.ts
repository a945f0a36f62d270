import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../base";
import { Chart, type ChartSource } from "../../../kit/chart";
import { charts } from "../../../kit/charts";
import type { Identity, PodIdentity } from "../../../kit/labels";
import type { DomainNamespace } from "../../../kit/namespace";
import { openApiServer } from "../../../kit/network-policy";
import { after } from "../../../kit/options";
import { Paths } from "../../../kit/paths";
import { GATEWAY_API } from "../gateway-api";
import { createObject } from "../objects";
import { CONTROLLER_NAME, envoyGatewayValues } from "./values";

/** Where the proxies get their configuration. */
const XDS = { name: "xds", port: 18000 };
const METRICS = { name: "metrics", port: 19001 };

export interface EnvoyControllerArgs {
  readonly charts: ChartSource;
  /** The controller's own namespace. */
  readonly namespace: DomainNamespace;
}

/** Envoy Gateway's controller, and the GatewayClass that it answers for. */
export class EnvoyController extends Component {
  readonly className: string;
  readonly identity: Identity;
  readonly pods: PodIdentity;
  readonly namespace: DomainNamespace;
  /** Port at which the proxies ask. */
  readonly xds = XDS;

  constructor(name: string, args: EnvoyControllerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:EnvoyController", name, after(opts, args.namespace));
    this.className = "envoy";
    this.namespace = args.namespace;
    this.identity = {
      name,
      instance: name,
      component: "controller",
      domain: args.namespace.name,
      version: charts.envoyGateway.appVersion,
    };
    this.pods = { namespace: args.namespace.name, labels: { "control-plane": "envoy-gateway" }, instance: name };

    // First the paths: the release waits for a job that writes certificates.
    const paths = new Paths(`${name}-paths`, (child) => this.openPaths(name, child), this.child());
    const chart = new Chart(
      name,
      {
        chart: charts.envoyGateway,
        source: args.charts,
        namespace: args.namespace.name,
        values: envoyGatewayValues(args.namespace.environment),
      },
      this.child({ dependsOn: [paths] }),
    );
    createObject(
      `${name}-class`,
      this.identity,
      { name: this.className },
      { apiVersion: GATEWAY_API, kind: "GatewayClass", spec: { controllerName: CONTROLLER_NAME } },
      this.child({ dependsOn: [chart] }),
    );

    args.namespace.telemetry.metrics({ identity: this.identity, pods: this.pods, port: METRICS });
    this.registerOutputs({ className: this.className });
  }

  private openPaths(name: string, opts: pulumi.CustomResourceOptions): void {
    const { identity: owner, pods } = this;
    const certgen: PodIdentity = { ...pods, labels: { app: "certgen" }, instance: `${name}-certgen` };
    openApiServer(`${name}-api-server`, { pods, owner }, opts);
    openApiServer(`${name}-certgen-api-server`, { pods: certgen, owner }, opts);
  }
}
