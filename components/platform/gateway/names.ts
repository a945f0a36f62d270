import type { Identity, PodIdentity } from "../../kit/labels";

/** Name of the Gateway, and of what its controllers make for it. */
export const GATEWAY = "gateway";
/** Namespace of the Gateway, its pods, its certificates and its load balancer. */
export const GATEWAY_NAMESPACE = "gateway";
/** Name of the load balancer's Service, in that namespace. */
export const LOAD_BALANCER = `${GATEWAY}-load-balancer`;

export const HTTP_PORT = 80;
export const HTTPS_PORT = 443;

export const gatewayIdentity: Identity = {
  name: "gateway",
  instance: GATEWAY,
  component: "gateway",
  domain: GATEWAY_NAMESPACE,
  owner: "platform",
};

/** Pods of the gateway, known by labels of whoever makes them. */
export function gatewayPods(labels: Readonly<Record<string, string>>): PodIdentity {
  return { namespace: GATEWAY_NAMESPACE, labels, instance: GATEWAY };
}

/** `a.b.c` as part of an object's name. */
export function slug(host: string): string {
  return host.replace(/^\*\./, "wildcard.").replaceAll(".", "-");
}

/** Name of what the gateway knows a Service by that speaks TLS, or one port of it. */
export function tlsName(service: string, portName: string | undefined): string {
  return [service, ...(portName === undefined ? [] : [portName]), "tls"].join("-");
}
