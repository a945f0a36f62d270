import type * as pulumi from "@pulumi/pulumi";
import type { Backend } from "../../kit/route";
import type { TlsBackend } from "./data-plane";
import {
  backendTlsSpec,
  GATEWAY_API,
  gatewaySpec,
  POLICY_READY,
  type RouteFacts,
  redirectSpec,
  routeKind,
  routeSpec,
  tcpRouteSpec,
} from "./gateway-api";
import type { Listener } from "./listeners";
import { GATEWAY, GATEWAY_NAMESPACE, gatewayIdentity, tlsName } from "./names";
import { createObject } from "./objects";

/** The objects of Gateway API, alike for every controller that reads them. */

export interface GatewayObjectArgs {
  readonly className: string;
  readonly listeners: readonly Listener[];
  /** Addresses of the load balancer, for DNS. */
  readonly addresses: pulumi.Input<string>;
  /** The controller's own parameters. @default - none */
  readonly parametersRef?: Readonly<Record<string, string>>;
}

/** The Gateway; it is there when its pods are. */
export function createGateway(args: GatewayObjectArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const { className, listeners, parametersRef } = args;
  const spec = gatewaySpec({ className, listeners, ...(parametersRef && { infrastructure: { parametersRef } }) });
  return createObject(
    `${GATEWAY}-listeners`,
    gatewayIdentity,
    {
      name: GATEWAY,
      namespace: GATEWAY_NAMESPACE,
      // Controllers know the address of a Service of theirs only; DNS needs that of the load balancer.
      annotations: { "external-dns.alpha.kubernetes.io/target": args.addresses },
    },
    { apiVersion: GATEWAY_API, kind: "Gateway", spec },
    opts,
  );
}

/** The redirect from HTTP to HTTPS, where it is wanted and something listens on HTTP. */
export function createRedirect(
  wanted: boolean,
  listeners: readonly Listener[],
  opts: pulumi.CustomResourceOptions,
): void {
  const http = listeners.find(({ protocol }) => protocol === "HTTP");
  if (!wanted || http === undefined) {
    return;
  }
  createObject(
    `${GATEWAY}-redirect`,
    gatewayIdentity,
    { name: "redirect", namespace: GATEWAY_NAMESPACE },
    { apiVersion: GATEWAY_API, kind: "HTTPRoute", spec: redirectSpec(http.name) },
    opts,
  );
}

/** The HTTPRoute or GRPCRoute, in the backend's namespace. */
export function createRoute(
  name: string,
  route: RouteFacts,
  listener: Listener,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const { identity, namespace } = route.backend;
  const object = { apiVersion: GATEWAY_API, kind: routeKind(route), spec: routeSpec(route, listener.name) };
  return createObject(name, identity, { name, namespace: namespace.name }, object, opts);
}

/** The TCPRoute, in the backend's namespace. */
export function createTcpRoute(
  name: string,
  backend: Backend,
  listener: Listener,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const object = { apiVersion: GATEWAY_API, kind: "TCPRoute", spec: tcpRouteSpec(backend, listener.name) };
  return createObject(name, backend.identity, { name, namespace: backend.namespace.name }, object, opts);
}

/** The BackendTLSPolicy of a backend, beside it. `waits`: its controller says something of it before there is a route. */
export function createBackendTls(
  { identity, namespace, service, tls }: TlsBackend,
  waits: boolean,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const name = tlsName(service, tls.portName);
  return createObject(
    `${GATEWAY}-${namespace.name}-${name}`,
    identity,
    { name, namespace: namespace.name, ...(waits ? { annotations: POLICY_READY } : {}) },
    { apiVersion: GATEWAY_API, kind: "BackendTLSPolicy", spec: backendTlsSpec(service, tls) },
    opts,
  );
}
