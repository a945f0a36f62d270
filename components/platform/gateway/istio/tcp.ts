import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { metadata } from "../../../kit/labels";
import type { Backend } from "../../../kit/route";
import type { Listener } from "../listeners";
import { GATEWAY, GATEWAY_NAMESPACE, gatewayIdentity } from "../names";
import { PROXY_LABELS } from "./values";

/**
 * Ports of other protocols go by Istio's own API: Istio 1.30 reads TCPRoute in a version only that Gateway API does not
 * serve any more. Both are for the same pods.
 */
const ISTIO_API = "networking.istio.io/v1";

/** Name of Istio's own Gateway, with all these ports. */
const TCP_PORTS = "tcp-ports";

/** Spec of Istio's own Gateway: what the pods listen on beside what Gateway API says. */
export function tcpGatewaySpec(listeners: readonly Listener[]) {
  return {
    selector: { ...PROXY_LABELS },
    servers: listeners.map(({ name, port }) => ({ port: { number: port, name, protocol: "TCP" }, hosts: ["*"] })),
  };
}

/** Spec of the VirtualService of a port. */
export function tcpRouteSpec(
  { namespace, service, port }: Pick<Backend, "namespace" | "service" | "port">,
  from: number,
) {
  const destination = { host: `${service}.${namespace.name}.svc.cluster.local`, port: { number: port } };
  return {
    hosts: ["*"],
    gateways: [`${GATEWAY_NAMESPACE}/${TCP_PORTS}`],
    tcp: [{ match: [{ port: from }], route: [{ destination }] }],
  };
}

/** Istio's own Gateway; Istio says nothing of it that could be waited for. */
export function createTcpGateway(listeners: readonly Listener[], opts: pulumi.CustomResourceOptions): pulumi.Resource {
  return new k8s.apiextensions.CustomResource(
    `${GATEWAY}-${TCP_PORTS}`,
    {
      apiVersion: ISTIO_API,
      kind: "Gateway",
      metadata: metadata(gatewayIdentity, { name: TCP_PORTS, namespace: GATEWAY_NAMESPACE }),
      spec: tcpGatewaySpec(listeners),
    },
    opts,
  );
}

/** The VirtualService of a port, in the backend's namespace. */
export function createTcpRoute(
  name: string,
  backend: Backend,
  { port }: Listener,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: ISTIO_API,
      kind: "VirtualService",
      metadata: metadata(backend.identity, { name, namespace: backend.namespace.name }),
      spec: tcpRouteSpec(backend, port),
    },
    opts,
  );
}
