import type * as pulumi from "@pulumi/pulumi";
import type { Identity, PodIdentity } from "./labels";
import type { NamespaceHandle } from "./namespace";
import type { SignIn } from "./sign-in";

/** How the gateway speaks TLS with what answers behind a route. */
export interface BackendTls {
  /** Name that the backend's certificate must bear; it is asked for as well (SNI). */
  readonly hostname: string;
  /** ConfigMap with the key `ca.crt` in the backend's namespace: the authority behind that certificate. */
  readonly caConfigMap: string;
  /** The same authority in PEM. ingress-nginx reads it from a Secret only, and refuses the route without it. */
  readonly caPem?: pulumi.Input<string>;
  /** Name of the Service's port that speaks TLS. @default - all of its ports do */
  readonly portName?: string;
  /** Depend on this: the ConfigMap is there. @default - nothing to wait for */
  readonly ready?: pulumi.Resource;
}

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
  /** For what speaks TLS; the gateway checks its certificate. Not for TCP routes. @default - plain HTTP */
  readonly tls?: BackendTls;
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

/** A port for a protocol that is not HTTP: PostgreSQL, Bolt, Kafka. Bytes are passed on: TLS is the client's matter. */
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
