import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../base";
import { Chart, type ChartSource } from "../../../kit/chart";
import { charts } from "../../../kit/charts";
import { metadata, type PodIdentity } from "../../../kit/labels";
import type { DomainNamespace } from "../../../kit/namespace";
import { openApiServer, openWorld } from "../../../kit/network-policy";
import { after } from "../../../kit/options";
import { Paths } from "../../../kit/paths";
import type { DataPlaneSize } from "../data-plane";
import { type Listener, portsOf } from "../listeners";
import { GATEWAY, gatewayIdentity } from "../names";
import { ADMISSION_LABELS, METRICS, nginxPodPort, nginxValues, RELEASE, TCP_SERVICES, WEBHOOK_PORT } from "./values";

export interface NginxControllerArgs extends Pick<DataPlaneSize, "replicas" | "size" | "proxyProtocol"> {
  readonly charts: ChartSource;
  readonly namespace: DomainNamespace;
  /** The controller's pods, as the chart labels them. */
  readonly pods: PodIdentity;
  readonly listeners: readonly Listener[];
}

/** ingress-nginx, which is controller and proxy in one, with what it has to know before there are routes. */
export class NginxController extends Component {
  /** The ConfigMap of TCP ports. @default - no port but HTTP's */
  readonly tcpServices?: k8s.core.v1.ConfigMap;

  constructor(name: string, args: NginxControllerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:NginxController", name, after(opts, args.namespace));
    const tcp = args.listeners.some(({ protocol }) => protocol === "TCP");

    // First the paths: the release waits for a job that talks to the API server.
    const paths = new Paths(`${name}-paths`, (child) => openPaths(name, args, child), this.child());
    if (tcp) {
      this.tcpServices = this.createTcpServices(args.namespace);
    }
    new Chart(
      RELEASE,
      {
        chart: charts.ingressNginx,
        source: args.charts,
        namespace: args.namespace.name,
        values: nginxValues({ ...args, certificate: certificateOf(args.listeners), tcp }),
      },
      this.child({ dependsOn: [paths] }),
    );

    args.namespace.telemetry.metrics({ identity: gatewayIdentity, pods: args.pods, port: METRICS });
    this.registerOutputs({});
  }

  /** Empty: each route writes its own key. */
  private createTcpServices({ name: namespace }: DomainNamespace): k8s.core.v1.ConfigMap {
    return new k8s.core.v1.ConfigMap(
      `${GATEWAY}-${TCP_SERVICES}`,
      { metadata: metadata(gatewayIdentity, { name: TCP_SERVICES, namespace }) },
      this.child(),
    );
  }
}

/**
 * The one Secret for all hosts. Ingresses are where their backends are and find no Secret beside the gateway: a rule
 * refuses a certificate for each host.
 */
function certificateOf(listeners: readonly Listener[]): string {
  const [certificate, ...others] = new Set(listeners.flatMap((listener) => listener.certificate ?? []));
  if (certificate === undefined || others.length > 0) {
    throw new Error("ingress-nginx shows one certificate: set orrery:certificates.mode to wildcard.");
  }
  return certificate;
}

/** The API server, which also asks the webhook, and whoever comes through the load balancer. */
function openPaths(name: string, { pods, listeners }: NginxControllerArgs, opts: pulumi.CustomResourceOptions): void {
  const owner = gatewayIdentity;
  const admission: PodIdentity = { ...pods, labels: ADMISSION_LABELS, instance: `${name}-admission` };
  const ingress = portsOf(listeners).map((port) => ({ name: port.name, port: nginxPodPort(port.port) }));
  openApiServer(`${name}-api-server`, { pods, owner, webhookPorts: [WEBHOOK_PORT] }, opts);
  openApiServer(`${name}-admission-api-server`, { pods: admission, owner }, opts);
  openWorld(`${name}-world`, { pods, owner, ingress }, opts);
}
