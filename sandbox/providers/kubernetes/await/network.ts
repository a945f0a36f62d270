import { isMap } from "../../framework";
import { type KubeObject, list, nameOf, namespaceOf, pluck, text } from "../objects";
import type { AwaitScope, Readiness } from "./types";

/** A Service without a single address is taken as meant that way after this time, as the official provider does. */
export const ENDPOINTS_SETTLE_MS = 10_000;

export interface Endpoints {
  ready: number;
  notReady: number;
}

const NO_PODS =
  "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods";
const NO_ADDRESS = "Service was not allocated an IP address; does your cloud provider support this?";

/** Whether a Service waits for Pods: not when it is headless, an external name, or has no selector. */
export function targetsPods(service: KubeObject): boolean {
  const selector = pluck(service, "spec", "selector");
  return (
    text(service, "spec", "type") !== "ExternalName" &&
    text(service, "spec", "clusterIP") !== "None" &&
    isMap(selector) &&
    Object.keys(selector).length > 0
  );
}

export function serviceReadiness(service: KubeObject, endpoints: Endpoints, elapsedMs: number): Readiness {
  const hasAddress =
    text(service, "spec", "type") !== "LoadBalancer" || list(service, "status", "loadBalancer", "ingress").length > 0;
  const settled = endpoints.ready > 0 || elapsedMs >= ENDPOINTS_SETTLE_MS;
  const hasPods = !targetsPods(service) || (settled && endpoints.notReady === 0);
  if (hasAddress && hasPods) {
    return { ready: true, progress: "Service initialization complete" };
  }
  const problems = [
    ...(targetsPods(service) && endpoints.ready === 0 ? [NO_PODS] : []),
    ...(targetsPods(service) && endpoints.notReady > 0 ? [`${endpoints.notReady} endpoints are not ready`] : []),
    ...(hasAddress ? [] : [NO_ADDRESS]),
  ];
  const progress = hasPods ? "Attempting to allocate IP address to Service" : "Finding Pods to direct traffic to";
  return { ready: false, progress, problems };
}

export async function checkService(service: KubeObject, scope: AwaitScope): Promise<Readiness> {
  const none = { ready: 0, notReady: 0 };
  const endpoints = targetsPods(service) ? await countEndpoints(scope, namespaceOf(service), nameOf(service)) : none;
  return serviceReadiness(service, endpoints, scope.elapsedMs);
}

async function countEndpoints(scope: AwaitScope, namespace: string, service: string): Promise<Endpoints> {
  const { object } = await scope.client.request({
    method: "GET",
    path: `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`,
    query: { labelSelector: `kubernetes.io/service-name=${service}` },
    signal: scope.context.signal,
  });
  return addUpEndpoints(list(object, "items").filter(isMap));
}

/** Addresses in EndpointSlices; a missing condition means ready, as the API defines it. */
export function addUpEndpoints(slices: KubeObject[]): Endpoints {
  const all = slices.flatMap((slice) => list(slice, "endpoints"));
  const notReady = all.filter((endpoint) => pluck(endpoint, "conditions", "ready") === false).length;
  return { ready: all.length - notReady, notReady };
}

/** The names of the Services that an Ingress sends traffic to. */
export function servicesOfIngress(ingress: KubeObject): string[] {
  const backends = [
    pluck(ingress, "spec", "defaultBackend"),
    ...list(ingress, "spec", "rules").flatMap((rule) =>
      list(rule, "http", "paths").map((path) => pluck(path, "backend")),
    ),
  ];
  return [...new Set(backends.map((backend) => text(backend, "service", "name")).filter((name) => name !== ""))];
}

export async function checkIngress(ingress: KubeObject, scope: AwaitScope): Promise<Readiness> {
  const namespace = namespaceOf(ingress);
  const services = await Promise.all(
    servicesOfIngress(ingress).map(async (name) => {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(name)}`;
      const service = await scope.client.get(path, scope.context.signal);
      if (service === undefined) {
        return { name, reachable: false };
      }
      const external = text(service, "spec", "type") === "ExternalName";
      return { name, reachable: external || (await countEndpoints(scope, namespace, name)).ready > 0 };
    }),
  );
  return ingressReadiness(
    ingress,
    services.filter((service) => !service.reachable).map((service) => service.name),
  );
}

export function ingressReadiness(ingress: KubeObject, unreachable: string[]): Readiness {
  const hasAddress = list(ingress, "status", "loadBalancer", "ingress").length > 0;
  if (hasAddress && unreachable.length === 0) {
    return { ready: true, progress: "Ingress initialization complete" };
  }
  const problems = [
    ...(unreachable.length === 0
      ? []
      : [`Ingress has at least one rule with an unavailable target endpoint (Services: ${unreachable.join(", ")}).`]),
    ...(hasAddress ? [] : ["Ingress .status.loadBalancer field was not updated with a hostname/IP address."]),
  ];
  const progress =
    unreachable.length > 0
      ? `Waiting for Services with endpoints: ${unreachable.join(", ")}`
      : "Waiting for update of .status.loadBalancer with hostname/IP";
  return { ready: false, progress, problems };
}
