import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../base";
import type { ChartSource } from "../../../kit/chart";
import type { DomainNamespace, Namespaces } from "../../../kit/namespace";
import { openPath, openWorld } from "../../../kit/network-policy";
import { after } from "../../../kit/options";
import { Paths } from "../../../kit/paths";
import type { Backend, RouteArgs } from "../../../kit/route";
import type { DataPlane, DataPlaneSize, ListenArgs, TlsBackend } from "../data-plane";
import { createBackendTls, createGateway, createRedirect, createRoute } from "../gateway-objects";
import { type Listener, portsOf } from "../listeners";
import { ENVOY_METRICS } from "../metrics";
import { GATEWAY, gatewayIdentity, gatewayPods } from "../names";
import { IstioControlPlane } from "./control-plane";
import { IstioMesh } from "./mesh";
import { createTcpGateway, createTcpRoute } from "./tcp";
import { PROXY_LABELS, PROXY_METRICS } from "./values";

export interface IstioDataPlaneArgs extends DataPlaneSize {
  readonly charts: ChartSource;
  /** Administrator's kubeconfig, for the definitions of Gateway API. */
  readonly kubeconfig: pulumi.Input<string>;
  readonly namespaces: Namespaces;
  /** Whether the pods of labelled namespaces speak mutual TLS with each other. */
  readonly mesh: boolean;
}

/** Envoy again, run by Istio from the same Gateway API; and Istio's mesh, where it is wanted. */
export class IstioDataPlane extends Component implements DataPlane {
  readonly pods = gatewayPods(PROXY_LABELS);
  private readonly controlPlane: IstioControlPlane;
  private readonly namespace: DomainNamespace;

  constructor(name: string, args: IstioDataPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("gateway");
    super("orrery:platform:IstioDataPlane", name, after(opts, namespace));
    this.namespace = namespace;
    this.controlPlane = new IstioControlPlane(
      name,
      { ...args, namespace: args.namespaces.get("istio-system") },
      this.child(),
    );
    if (args.mesh) {
      new IstioMesh(`${name}-mesh`, { charts: args.charts, controlPlane: this.controlPlane }, this.child());
    }
    const { pods } = this;
    namespace.telemetry.metrics({ identity: gatewayIdentity, pods, ...PROXY_METRICS, keep: ENVOY_METRICS });
    this.registerOutputs({});
  }

  /** Istio lets its pods listen at the Gateway's own ports. */
  podPort(port: number): number {
    return port;
  }

  listen({ listeners, addresses, redirect }: ListenArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const paths = new Paths(`${GATEWAY}-paths`, (child) => this.openPaths(listeners, child), {
      parent: opts.parent,
      dependsOn: [this.namespace],
    });
    const ready = pulumi.mergeOptions(opts, { dependsOn: [this.controlPlane, paths] });
    const ports = listeners.filter(({ protocol }) => protocol === "TCP");
    const hosts = listeners.filter(({ protocol }) => protocol !== "TCP");
    const others = ports.length > 0 ? [createTcpGateway(ports, ready)] : [];
    const gateway = createGateway(
      { className: this.controlPlane.className, listeners: hosts, addresses },
      pulumi.mergeOptions(ready, { dependsOn: others }),
    );
    createRedirect(redirect, hosts, pulumi.mergeOptions(opts, { dependsOn: [gateway] }));
    return gateway;
  }

  /** Istio says of the policy itself what is wrong, and nothing of it at the routes. */
  trust(backend: TlsBackend, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    return createBackendTls(backend, true, opts);
  }

  route(name: string, args: RouteArgs, listener: Listener, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
    if (args.signIn !== undefined) {
      throw new Error(
        `Route "${name}": Istio signs nobody in at the gateway. Set orrery:gateway.kind to envoy or nginx, or leave sign-in to the service.`,
      );
    }
    return [createRoute(name, args, listener, opts)];
  }

  tcpRoute(name: string, backend: Backend, listener: Listener, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
    return [createTcpRoute(name, backend, listener, opts)];
  }

  /** Where the pods get configuration and certificates, and who may call them. */
  private openPaths(listeners: readonly Listener[], opts: pulumi.CustomResourceOptions): void {
    const { controlPlane, pods } = this;
    const owner = gatewayIdentity;
    const ingress = portsOf(listeners).map(({ name, port }) => ({ name, port: this.podPort(port) }));
    openPath(`${GATEWAY}-xds`, { from: pods, to: controlPlane.pods, ports: [controlPlane.xds], owner }, opts);
    openWorld(`${GATEWAY}-world`, { pods, owner, ingress }, opts);
  }
}
