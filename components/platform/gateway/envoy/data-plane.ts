import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../base";
import type { ChartSource } from "../../../kit/chart";
import type { DomainNamespace, Namespaces } from "../../../kit/namespace";
import { openPath, openWorld } from "../../../kit/network-policy";
import { after } from "../../../kit/options";
import { Paths } from "../../../kit/paths";
import type { Backend, RouteArgs } from "../../../kit/route";
import type { TraceEndpoint } from "../../../kit/telemetry";
import type { DataPlane, DataPlaneSize, ListenArgs, TlsBackend } from "../data-plane";
import { createBackendTls, createGateway, createRedirect, createRoute, createTcpRoute } from "../gateway-objects";
import { type Listener, portsOf } from "../listeners";
import { ENVOY_METRICS } from "../metrics";
import { GATEWAY, gatewayIdentity, gatewayPods } from "../names";
import { createObject } from "../objects";
import { EnvoyController } from "./controller";
import {
  clientTrafficSpec,
  envoyPodPort,
  envoyProxySpec,
  PROXY_LABELS,
  PROXY_METRICS,
  securitySpec,
  streamSpec,
} from "./specs";

const ENVOY_API = "gateway.envoyproxy.io/v1alpha1";
const PROXY_PARAMETERS = { group: "gateway.envoyproxy.io", kind: "EnvoyProxy", name: "proxies" };

export interface EnvoyDataPlaneArgs extends DataPlaneSize {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** Each request begins a trace, where anybody takes them. @default false */
  readonly traces?: boolean;
}

/** Envoy, run and configured by Envoy Gateway. */
export class EnvoyDataPlane extends Component implements DataPlane {
  readonly pods = gatewayPods(PROXY_LABELS);
  private readonly controller: EnvoyController;
  private readonly namespace: DomainNamespace;
  private readonly traces?: TraceEndpoint;

  constructor(
    name: string,
    private readonly args: EnvoyDataPlaneArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const namespace = args.namespaces.get("gateway");
    super("orrery:platform:EnvoyDataPlane", name, after(opts, namespace));
    this.namespace = namespace;
    this.controller = new EnvoyController(
      name,
      { charts: args.charts, namespace: args.namespaces.get("envoy-gateway-system") },
      this.child(),
    );
    const { pods } = this;
    namespace.telemetry.metrics({ identity: gatewayIdentity, pods, ...PROXY_METRICS, keep: ENVOY_METRICS });
    if (args.traces) this.traces = namespace.telemetry.traces({ identity: gatewayIdentity, pods, namespace });
    this.registerOutputs({});
  }

  podPort(port: number): number {
    return envoyPodPort(port);
  }

  listen({ listeners, addresses, redirect }: ListenArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const own = (kind: string, name: string, spec: object, dependsOn: pulumi.Resource[]) =>
      createObject(
        `${GATEWAY}-${name}`,
        gatewayIdentity,
        { name, namespace: this.namespace.name },
        { apiVersion: ENVOY_API, kind, spec },
        pulumi.mergeOptions(opts, { dependsOn }),
      );
    const paths = new Paths(`${GATEWAY}-paths`, (child) => this.openPaths(listeners, child), {
      parent: opts.parent,
      dependsOn: [this.namespace, this.controller.namespace],
    });
    const proxy = own("EnvoyProxy", "proxies", envoyProxySpec(this.args, this.traces), [this.controller]);
    const gateway = createGateway(
      { className: this.controller.className, listeners, addresses, parametersRef: PROXY_PARAMETERS },
      pulumi.mergeOptions(opts, { dependsOn: [proxy, paths] }),
    );
    createRedirect(redirect, listeners, pulumi.mergeOptions(opts, { dependsOn: [gateway] }));
    return own("ClientTrafficPolicy", "clients", clientTrafficSpec(this.args), [gateway]);
  }

  /** Envoy Gateway says nothing of it before there is a route; that, then, has not resolved what it refers to. */
  trust(backend: TlsBackend, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    return createBackendTls(backend, false, opts);
  }

  route(name: string, args: RouteArgs, listener: Listener, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
    const { backend, signIn, timeoutSeconds } = args;
    if (signIn?.kind === "oidc" && signIn.client.endpoints === undefined) {
      throw new Error(
        `Route "${name}": its client has no endpoints. Envoy asks the identity provider inside the cluster, where a way to it is open, and must know where.`,
      );
    }
    const policy = (kind: string, role: string, spec: object, dependsOn: pulumi.Resource[]) =>
      createObject(
        `${name}-${role}`,
        backend.identity,
        { name, namespace: backend.namespace.name },
        { apiVersion: ENVOY_API, kind, spec },
        pulumi.mergeOptions(opts, { dependsOn }),
      );
    // Sign-in before the route, and on destroy after it: at no moment is anybody let through unasked.
    const guards =
      signIn === undefined ? [] : [policy("SecurityPolicy", "sign-in", securitySpec(name, args, signIn), [])];
    const route = createRoute(name, args, listener, pulumi.mergeOptions(opts, { dependsOn: guards }));
    const stream =
      timeoutSeconds === 0 ? [policy("BackendTrafficPolicy", "stream", streamSpec(name, args), [route])] : [];
    return [...guards, route, ...stream];
  }

  tcpRoute(name: string, backend: Backend, listener: Listener, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
    return [createTcpRoute(name, backend, listener, opts)];
  }

  /** Where they get their configuration, and who may call them. Ways to backends and to the identity provider come with each. */
  private openPaths(listeners: readonly Listener[], opts: pulumi.CustomResourceOptions): void {
    const { controller, pods } = this;
    const owner = gatewayIdentity;
    const ingress = portsOf(listeners).map(({ name, port }) => ({ name, port: this.podPort(port) }));
    openPath(`${GATEWAY}-xds`, { from: pods, to: controller.pods, ports: [controller.xds], owner }, opts);
    openWorld(`${GATEWAY}-world`, { pods, owner, ingress }, opts);
  }
}
