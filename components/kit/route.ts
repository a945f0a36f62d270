import type * as pulumi from "@pulumi/pulumi";
import type { Identity, PodIdentity } from "./labels";
import type { NamespaceHandle } from "./namespace";
import type { SignIn } from "./sign-in";

/** What answers behind a route: a Service, and the pods that it selects. */
export interface Backend {
  readonly identity: Identity;
  readonly namespace: NamespaceHandle;
  /** Name of the Service, in that namespace. */
  readonly service: string;
  /** Port of the Service. */
  readonly port: number;
  /** Port of the pods: network policies are judged after load balancing. @default the Service's port */
  readonly podPort?: number;
  readonly pods: PodIdentity;
}

export interface RouteArgs {
  /** Full DNS name. It must be covered by a listener and its certificate. Changing it moves the route. */
  readonly host: string;
  /** Prefix of the paths. @default / */
  readonly path?: string;
  readonly backend: Backend;
  /** What the backend speaks. @default http */
  readonly protocol?: "http" | "h2c";
  /** Longest time for a whole answer, in seconds; 0 for streams that last. @default 60 */
  readonly timeoutSeconds?: number;
  /** Who has to say who they are before they are let through. @default - everyone is let through */
  readonly signIn?: SignIn;
}

/** A port for a protocol that is not HTTP: PostgreSQL, Bolt, Kafka. */
export interface TcpRouteArgs {
  /** Port of the gateway; no two routes share one. */
  readonly port: number;
  readonly backend: Backend;
}

export interface RouteHandle {
  /** What to write into a browser, or a client's settings. */
  readonly url: string;
  readonly ready: pulumi.Resource;
}

/** The way in from outside. Asking for a route opens the one network path from the gateway's pods to the backend. */
export interface Gateway {
  /** The cluster's domain. */
  readonly domain: string;
  /** Address of the load balancer, once there is one. */
  readonly address: pulumi.Output<string>;
  /** The pods that pass the requests on. */
  readonly pods: PodIdentity;
  /** Depend on this: it listens, and the kinds of its routes are known. @default - nothing to wait for */
  readonly ready?: pulumi.Resource;
  route(name: string, args: RouteArgs, opts?: pulumi.ComponentResourceOptions): RouteHandle;
  tcpRoute(name: string, args: TcpRouteArgs, opts?: pulumi.ComponentResourceOptions): RouteHandle;
}
