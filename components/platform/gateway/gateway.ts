import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Certificates } from "../../kit/certificates";
import type { PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { Backend, Gateway, RouteArgs, RouteHandle, TcpRouteArgs } from "../../kit/route";
import type { DataPlane, TlsBackend } from "./data-plane";
import {
  certificatesOf,
  type Listener,
  type ListenerFacts,
  listenerFor,
  listenersOf,
  portsOf,
  tcpListenerName,
} from "./listeners";
import { GatewayLoadBalancer, type GatewayLoadBalancerArgs } from "./load-balancer";
import { GATEWAY, gatewayIdentity, LOAD_BALANCER } from "./names";
import { GatewayRoute, GatewayTcpRoute } from "./route";

export interface PublicGatewayArgs {
  /** Where the Gateway is. */
  readonly namespace: DomainNamespace;
  readonly dataPlane: DataPlane;
  /** What is listened on: known before any route is made. */
  readonly listen: ListenerFacts;
  /** @default true. False: plain HTTP is answered for ACME's questions only. */
  readonly redirectHttp?: boolean;
  readonly certificates: Certificates;
  readonly loadBalancer: Omit<GatewayLoadBalancerArgs, "ports" | "pods">;
}

/** The way in from outside: one load balancer, the gateway's pods behind it, certificates, routes. */
export class PublicGateway extends Component implements Gateway {
  readonly domain: string;
  readonly address: pulumi.Output<string>;
  readonly pods: PodIdentity;
  private readonly dataPlane: DataPlane;
  private readonly listeners: readonly Listener[];
  private readonly listening: pulumi.Resource;
  /** Backends to which the way is open already; two hosts may lead to one. */
  private readonly opened = new Set<string>();
  /** Backends that are spoken TLS with: two policies for one would be in each other's way. */
  private readonly trusted = new Map<string, pulumi.Resource>();

  constructor(
    name: string,
    private readonly args: PublicGatewayArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:platform:Gateway", name, after(opts, args.namespace));
    this.domain = args.listen.domain;
    this.dataPlane = args.dataPlane;
    this.pods = args.dataPlane.pods;
    this.listeners = listenersOf(args.listen);

    const balancer = this.createLoadBalancer();
    this.address = balancer.address;
    this.listening = this.dataPlane.listen(
      {
        listeners: this.listeners,
        balancer,
        addresses: balancer.addresses,
        redirect: args.redirectHttp ?? true,
      },
      this.child(),
    );
    this.createCertificates();

    this.registerOutputs({ address: this.address });
  }

  /** Routes of its kind can be made and are heard from here on. */
  get ready(): pulumi.Resource {
    return this.listening;
  }

  route(name: string, args: RouteArgs, opts?: pulumi.ComponentResourceOptions): RouteHandle {
    const listener = listenerFor(this.listeners, args.host);
    if (listener === undefined) {
      throw new Error(`Route "${name}": no listener covers ${args.host}. Add it to stacks/settings/routes.ts.`);
    }
    this.openPathTo(args.backend);
    const place = after(this.behind(args, opts), this.trust(args.backend));
    return new GatewayRoute(name, { dataPlane: this.dataPlane, listener, route: args }, place);
  }

  tcpRoute(name: string, args: TcpRouteArgs, opts?: pulumi.ComponentResourceOptions): RouteHandle {
    const listener = this.listeners.find((each) => each.name === tcpListenerName(args.port));
    if (listener === undefined) {
      throw new Error(`Route "${name}": nobody listens on port ${args.port}. Add it to stacks/settings/routes.ts.`);
    }
    this.openPathTo(args.backend);
    const { dataPlane, domain: host } = this;
    return new GatewayTcpRoute(name, { dataPlane, listener, route: args, host }, this.behind(args, opts));
  }

  private createLoadBalancer(): GatewayLoadBalancer {
    const ports = portsOf(this.listeners).map((port) => ({ ...port, podPort: this.dataPlane.podPort(port.port) }));
    return new GatewayLoadBalancer(LOAD_BALANCER, { ...this.args.loadBalancer, ports, pods: this.pods }, this.child());
  }

  /** After what listens: an ACME server that asks over HTTP is answered through the gateway. */
  private createCertificates(): void {
    for (const { secretName, dnsNames } of certificatesOf(this.args.listen)) {
      this.args.certificates.public(
        secretName,
        { namespace: this.args.namespace.name, owner: gatewayIdentity, dnsNames, secretName },
        this.child({ dependsOn: [this.listening] }),
      );
    }
  }

  /** Options of a route: after the gateway, and after what it speaks of. */
  private behind(
    { backend, signIn }: { backend: Backend; signIn?: RouteArgs["signIn"] },
    opts?: pulumi.ComponentResourceOptions,
  ): pulumi.ComponentResourceOptions {
    const credentials = signIn?.kind === "oidc" ? signIn.client.ready : signIn?.ready;
    return after(pulumi.mergeOptions(this.child(), opts), this.listening, backend.namespace, credentials);
  }

  /** Once for each backend, and before its routes: it never gets plain HTTP. */
  private trust(backend: Backend): pulumi.Resource | undefined {
    if (!speaksTls(backend)) return undefined;
    const { namespace, service, tls } = backend;
    const key = [namespace.name, service, tls.portName ?? ""].join("/");
    const opts = after(this.child(), this.listening, namespace, tls.ready);
    const made = this.trusted.get(key) ?? this.dataPlane.trust(backend, opts);
    this.trusted.set(key, made);
    return made;
  }

  private openPathTo(backend: Backend): void {
    const port = backend.podPort ?? backend.port;
    const key = `${backend.pods.namespace}/${backend.pods.instance}/${port}`;
    if (this.opened.has(key)) {
      return;
    }
    this.opened.add(key);
    openPath(
      `${GATEWAY}-${backend.pods.namespace}-${backend.pods.instance}-${port}`,
      {
        from: this.pods,
        to: backend.pods,
        ports: [{ name: String(port), port }],
        owner: gatewayIdentity,
      },
      this.child({ dependsOn: [backend.namespace] }),
    );
  }
}

function speaksTls(backend: Backend): backend is TlsBackend {
  return backend.tls !== undefined;
}
