import { domains } from "../../kit/domains";
import type { Backend, BackendTls, RouteArgs } from "../../kit/route";
import type { Listener } from "./listeners";
import { GATEWAY, GATEWAY_NAMESPACE } from "./names";

export const GATEWAY_API = "gateway.networking.k8s.io/v1";

/** Namespaces of the program, and no others, may attach routes; kube-system has Cilium's pages. */
const ROUTE_NAMESPACES = [...Object.keys(domains), "kube-system"].sort();
const OWN_NAMESPACES = {
  namespaces: {
    from: "Selector",
    selector: {
      matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ROUTE_NAMESPACES }],
    },
  },
};
const SAME_NAMESPACE = { namespaces: { from: "Same" } };

export interface GatewayFacts {
  readonly className: string;
  readonly listeners: readonly Listener[];
  /** More that the class's controller takes from the Gateway. @default - nothing */
  readonly infrastructure?: Readonly<Record<string, unknown>>;
}

/** Spec of the Gateway. */
export function gatewaySpec({ className, listeners, infrastructure }: GatewayFacts) {
  return {
    gatewayClassName: className,
    ...(infrastructure === undefined ? {} : { infrastructure }),
    listeners: listeners.map(listenerSpec),
  };
}

function listenerSpec({ name, port, protocol, hostname, certificate }: Listener) {
  return {
    name,
    port,
    protocol,
    ...(hostname === undefined ? {} : { hostname }),
    ...(certificate === undefined
      ? {}
      : { tls: { mode: "Terminate", certificateRefs: [{ group: "", kind: "Secret", name: certificate }] } }),
    // Plain HTTP carries the redirect and the answers to ACME's questions only; both are beside the Gateway.
    allowedRoutes: protocol === "HTTP" ? SAME_NAMESPACE : OWN_NAMESPACES,
  };
}

function parent(listener: string) {
  return {
    group: "gateway.networking.k8s.io",
    kind: "Gateway",
    name: GATEWAY,
    namespace: GATEWAY_NAMESPACE,
    sectionName: listener,
  };
}

function backendRef({ service, port }: Backend) {
  return { group: "", kind: "Service", name: service, port, weight: 1 };
}

export type RouteFacts = Pick<RouteArgs, "host" | "path" | "protocol" | "timeoutSeconds" | "backend">;

/** gRPC has a kind of its own, by which controllers know that the backend speaks HTTP/2 without TLS. */
export function routeKind({ protocol }: Pick<RouteFacts, "protocol">): "HTTPRoute" | "GRPCRoute" {
  return protocol === "h2c" ? "GRPCRoute" : "HTTPRoute";
}

/** Spec of the HTTPRoute or GRPCRoute of a host and a path. */
export function routeSpec(route: RouteFacts, listener: string) {
  const common = { parentRefs: [parent(listener)], hostnames: [route.host] };
  const backendRefs = [backendRef(route.backend)];
  if (routeKind(route) === "GRPCRoute") {
    return { ...common, rules: [{ backendRefs }] };
  }
  const timeoutSeconds = route.timeoutSeconds ?? 60;
  return {
    ...common,
    rules: [
      {
        matches: [{ path: { type: "PathPrefix", value: route.path ?? "/" } }],
        backendRefs,
        timeouts: { request: `${timeoutSeconds}s` },
      },
    ],
  };
}

/** Spec of the TCPRoute of a port. */
export function tcpRouteSpec(backend: Backend, listener: string) {
  return { parentRefs: [parent(listener)], rules: [{ backendRefs: [backendRef(backend)] }] };
}

/** Spec of the BackendTLSPolicy of a Service that speaks TLS, or of its one port that does. */
export function backendTlsSpec(service: string, { hostname, caConfigMap, portName }: BackendTls) {
  return {
    targetRefs: [
      { group: "", kind: "Service", name: service, ...(portName === undefined ? {} : { sectionName: portName }) },
    ],
    validation: {
      hostname,
      caCertificateRefs: [{ group: "", kind: "ConfigMap", name: caConfigMap }],
      // Istio takes the hostname for what to ask for, and checks the certificate for this alone.
      subjectAltNames: [{ type: "Hostname", hostname }],
    },
  };
}

/** Spec of the HTTPRoute that sends everybody from HTTP to HTTPS. */
export function redirectSpec(listener: string) {
  const requestRedirect = { scheme: "https", statusCode: 301 };
  return {
    parentRefs: [parent(listener)],
    rules: [
      {
        matches: [{ path: { type: "PathPrefix", value: "/" } }],
        filters: [{ type: "RequestRedirect", requestRedirect }],
      },
    ],
  };
}

/** Waits until the one parent has accepted the route and found all that it names. */
export const ROUTE_READY = { "pulumi.com/waitFor": JSON.stringify(["Accepted", "ResolvedRefs"].map(ofParent)) };

/** Waits until the policy is in force at what it is attached to. */
export const POLICY_READY = { "pulumi.com/waitFor": conditionAt("ancestors", "Accepted") };

function ofParent(condition: string): string {
  return conditionAt("parents", condition);
}

function conditionAt(list: string, condition: string): string {
  return `jsonpath={.status.${list}[0].conditions[?(@.type=="${condition}")].status}=True`;
}
