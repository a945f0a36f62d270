import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../base";
import type { ChartSource } from "../../../kit/chart";
import type { DomainNamespace, Namespaces } from "../../../kit/namespace";
import { after } from "../../../kit/options";
import type { Backend, RouteArgs } from "../../../kit/route";
import type { DataPlane, DataPlaneSize, ListenArgs, TlsBackend } from "../data-plane";
import type { Listener } from "../listeners";
import { gatewayPods } from "../names";
import { NginxController } from "./controller";
import { type IngressFacts, routeAnnotations, SIGN_IN_PATH, tcpService } from "./ingress";
import { createAuthority, createIngress } from "./objects";
import { NginxSignIn, type OidcSignIn } from "./sign-in";
import { CONTROLLER_LABELS, nginxPodPort, TCP_SERVICES } from "./values";

export interface NginxDataPlaneArgs extends DataPlaneSize {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
}

/**
 * ingress-nginx: Ingresses instead of Gateway API. Retired in March 2026 and without fixes since; for who needs its
 * annotations a while longer.
 */
export class NginxDataPlane extends Component implements DataPlane {
  readonly pods = gatewayPods(CONTROLLER_LABELS);
  private readonly namespace: DomainNamespace;
  private controller?: NginxController;

  constructor(
    private readonly name: string,
    private readonly args: NginxDataPlaneArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const namespace = args.namespaces.get("gateway");
    super("orrery:platform:NginxDataPlane", name, after(opts, namespace));
    this.namespace = namespace;
    this.registerOutputs({});
  }

  podPort(port: number): number {
    return nginxPodPort(port);
  }

  /** After the load balancer, whose addresses the controller writes into each Ingress. */
  listen({ listeners, balancer }: ListenArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const { charts, replicas, size, proxyProtocol } = this.args;
    this.controller = new NginxController(
      this.name,
      { charts, replicas, size, proxyProtocol, listeners, namespace: this.namespace, pods: this.pods },
      after({ parent: opts.parent }, this, balancer),
    );
    return this.controller;
  }

  trust(backend: TlsBackend, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    return createAuthority(backend, opts);
  }

  route(name: string, args: RouteArgs, _listener: Listener, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
    const { host, path = "/", backend, signIn } = args;
    const { identity, namespace, service, port } = backend;
    const ingress = (resource: string, to: Omit<IngressFacts, "host">, annotations: Record<string, string>) => {
      const place = { name: resource, namespace: namespace.name, annotations };
      return createIngress(resource, identity, place, { host, ...to }, opts);
    };
    const pages = signIn?.kind === "oidc" ? this.createSignIn(name, args, signIn, opts) : undefined;
    const route = ingress(name, { path, service, port }, routeAnnotations(args, pages));
    if (pages === undefined) {
      return [route];
    }
    return [route, ingress(`${name}-sign-in`, { path: SIGN_IN_PATH, service: pages.service, port: pages.port }, {})];
  }

  tcpRoute(name: string, backend: Backend, listener: Listener, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
    const { namespace, service, port } = backend;
    const value = tcpService({ namespace: namespace.name, service, port }, this.args.proxyProtocol);
    const { tcpServices } = this.controller ?? {};
    return [
      new k8s.core.v1.ConfigMapPatch(
        name,
        {
          metadata: { name: TCP_SERVICES, namespace: this.namespace.name },
          data: { [String(nginxPodPort(listener.port))]: value },
        },
        pulumi.mergeOptions(opts, { dependsOn: tcpServices === undefined ? [] : [tcpServices] }),
      ),
    ];
  }

  private createSignIn(
    name: string,
    { host, backend }: RouteArgs,
    signIn: OidcSignIn,
    opts: pulumi.CustomResourceOptions,
  ): NginxSignIn {
    const parent = { parent: opts.parent };
    return new NginxSignIn(`${name}-sign-in`, { host, backend, signIn, gateway: this.pods }, parent);
  }
}
