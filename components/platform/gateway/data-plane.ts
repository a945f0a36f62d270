import type * as pulumi from "@pulumi/pulumi";
import type { PodIdentity } from "../../kit/labels";
import type { Backend, BackendTls, RouteArgs } from "../../kit/route";
import type { Size } from "../../kit/sizes";
import type { Listener } from "./listeners";

/** What runs behind the load balancer and passes the requests on. One for each kind of gateway. */
export interface DataPlane {
  /** The pods that the load balancer sends to. */
  readonly pods: PodIdentity;
  /** Port of the pods for a port of the gateway. */
  podPort(port: number): number;
  /** Makes what listens; routes depend on it. Asked once, after the load balancer. */
  listen(args: ListenArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource;
  /** Makes what lets the gateway speak TLS with a backend, and know it. Asked once for each, before its routes. */
  trust(backend: TlsBackend, opts: pulumi.CustomResourceOptions): pulumi.Resource;
  /** The objects of one route: how it is reached, and who may. */
  route(name: string, args: RouteArgs, listener: Listener, opts: pulumi.CustomResourceOptions): pulumi.Resource[];
  /** The objects of one TCP route. */
  tcpRoute(name: string, backend: Backend, listener: Listener, opts: pulumi.CustomResourceOptions): pulumi.Resource[];
}

/** A backend that speaks TLS. */
export type TlsBackend = Backend & { readonly tls: BackendTls };

export interface ListenArgs {
  readonly listeners: readonly Listener[];
  /** The load balancer, whose Service is there. */
  readonly balancer: pulumi.Resource;
  /** Addresses of the load balancer, with commas: what DNS names of the routes shall point to. */
  readonly addresses: pulumi.Input<string>;
  /** Whether HTTP is redirected to HTTPS. */
  readonly redirect: boolean;
}

/** How large the data plane is. */
export interface DataPlaneSize {
  readonly replicas: number;
  readonly size: Size;
  /** Whether each connection begins with the client's address (PROXY protocol). */
  readonly proxyProtocol: boolean;
}
