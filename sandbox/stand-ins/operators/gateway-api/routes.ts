import type { KubernetesObject, V1LabelSelectorRequirement, V1Namespace, V1Service } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import { services } from "../../runtime/kinds";
import { type Desired, type Handler, handler, type Observed } from "../types";
import { configMaps } from "./backend-tls";
import { isOurs } from "./classes";
import { conditions, type Verdict } from "./conditions";
import {
  backendTlsPolicyKind,
  type Gateway,
  gatewayClassKind,
  gatewayKind,
  type Listener,
  type ParentRef,
  type Route,
} from "./types";

const namespaces: Kind = { apiVersion: "v1", kind: "Namespace", plural: "namespaces" };

/** What each kind of route may be attached to. */
const protocols: Record<string, Listener["protocol"][]> = {
  HTTPRoute: ["HTTP", "HTTPS"],
  GRPCRoute: ["HTTP", "HTTPS"],
  TCPRoute: ["TCP"],
};

/** Why TLS cannot be spoken with a backend; Istio says it of the policy, and not of the routes. */
export type BackendTlsCheck = (
  backend: { readonly namespace: string; readonly name: string; readonly port?: number },
  observed: Observed,
) => string | undefined;

export function routeHandler(kind: Kind, controllerName: string, tls?: BackendTlsCheck): Handler {
  return handler<Route>({
    kind,
    uses: [
      gatewayKind,
      gatewayClassKind,
      services,
      namespaces,
      ...(tls === undefined ? [] : [backendTlsPolicyKind, configMaps]),
    ],
    across: true,
    desired: (route, observed) => desiredRoute({ ...route, kind: kind.kind }, observed, controllerName, tls),
  });
}

/** Status of a route: one entry for each Gateway of this controller. */
export function desiredRoute(route: Route, observed: Observed, controllerName: string, tls?: BackendTlsCheck): Desired {
  const parents = (route.spec.parentRefs ?? []).flatMap((parentRef) => {
    const gateway = observed.find<Gateway>(
      gatewayKind,
      parentRef.name,
      parentRef.namespace ?? route.metadata!.namespace,
    );
    // A Gateway that is not there belongs to nobody: no controller says a word.
    if (!gateway || !isOurs(gateway, observed, controllerName)) return [];
    const have = route.status?.parents?.find((parent) => sameParent(parent.parentRef, parentRef))?.conditions;
    const verdicts = [accepted(route, parentRef, gateway, observed), resolved(route, observed, tls)];
    return [
      {
        parentRef,
        controllerName,
        conditions: conditions(have, verdicts, route.metadata?.generation, observed.now),
      },
    ];
  });
  return parents.length === 0 && route.status?.parents === undefined ? {} : { status: { parents } };
}

function sameParent(a: ParentRef, b: ParentRef): boolean {
  return a.name === b.name && a.namespace === b.namespace && a.sectionName === b.sectionName;
}

function accepted(route: Route, ref: ParentRef, gateway: Gateway, observed: Observed): Verdict {
  const refuse = (reason: string, message: string): Verdict => ({ type: "Accepted", ok: false, reason, message });
  const sections = gateway.spec.listeners.filter(
    ({ name }) => ref.sectionName === undefined || name === ref.sectionName,
  );
  if (sections.length === 0) return refuse("NoMatchingParent", `No listener has the name ${ref.sectionName}`);
  const speaking = sections.filter(({ protocol }) => protocols[route.kind!]!.includes(protocol));
  if (speaking.length === 0) return refuse("NotAllowedByListeners", `No listener takes a ${route.kind}`);
  const allowing = speaking.filter((listener) => allows(listener, gateway, route, observed));
  if (allowing.length === 0) return refuse("NotAllowedByListeners", "No listener takes routes of this namespace");
  if (!allowing.some((listener) => matchesHost(listener, route))) {
    return refuse(
      "NoMatchingListenerHostname",
      "There were no hostname intersections between the Route and its parents",
    );
  }
  return { type: "Accepted", ok: true, reason: "Accepted", message: "Route is accepted" };
}

/** Whether a reference of the route leads to this listener, and is taken by it. */
export function attachment(
  route: Route,
  ref: ParentRef,
  gateway: Gateway,
  listener: Listener,
  observed: Observed,
): boolean {
  const here =
    ref.name === gateway.metadata!.name && (ref.namespace ?? route.metadata!.namespace) === gateway.metadata!.namespace;
  if (!here || (ref.sectionName !== undefined && ref.sectionName !== listener.name)) return false;
  return allows(listener, gateway, route, observed) && matchesHost(listener, route);
}

function allows(listener: Listener, gateway: Gateway, route: Route, observed: Observed): boolean {
  const { from = "Same", selector } = listener.allowedRoutes?.namespaces ?? {};
  const namespace = route.metadata!.namespace!;
  if (from === "All") return true;
  if (from === "Same") return namespace === gateway.metadata!.namespace;
  const labels = observed.find<V1Namespace>(namespaces, namespace)?.metadata?.labels ?? {};
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((expression) => holds(expression, labels))
  );
}

function holds({ key, operator, values = [] }: V1LabelSelectorRequirement, labels: Record<string, string>): boolean {
  const value = labels[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    default:
      return value === undefined;
  }
}

function matchesHost({ hostname }: Listener, route: Route): boolean {
  const hosts = route.spec.hostnames ?? [];
  if (hostname === undefined || hosts.length === 0) return true;
  // In Gateway API a wildcard stands for any number of labels; the certificate behind it, for one.
  return hosts.some((host) => host === hostname || (hostname.startsWith("*.") && host.endsWith(hostname.slice(1))));
}

function resolved(route: Route, observed: Observed, tls: BackendTlsCheck = () => undefined): Verdict {
  const refs = (route.spec.rules ?? []).flatMap(({ backendRefs = [] }, rule) =>
    backendRefs.map((ref, index) => ({ ...ref, where: `route rule ${rule} backendRef ${index}` })),
  );
  for (const { name, namespace = route.metadata!.namespace!, port, where } of refs) {
    const refuse = (reason: string, message: string): Verdict => ({ type: "ResolvedRefs", ok: false, reason, message });
    if (namespace !== route.metadata!.namespace) {
      return refuse(
        "RefNotPermitted",
        `Backend ref to Service ${namespace}/${name} not permitted by any ReferenceGrant`,
      );
    }
    const service = observed.find<V1Service>(services, name, namespace);
    if (!service) return refuse("BackendNotFound", `service ${namespace}/${name} not found`);
    if (!service.spec?.ports?.some((each) => each.port === port)) {
      return refuse("PortNotFound", `TCP port ${port} not found on service ${namespace}/${name}`);
    }
    const problem = tls({ namespace, name, port }, observed);
    if (problem !== undefined) return refuse("InvalidBackendTLS", `Failed to process ${where}: ${problem}.`);
  }
  return { type: "ResolvedRefs", ok: true, reason: "ResolvedRefs", message: "Resolved all the Object references" };
}

/** The Gateways that a route or policy leads to, by the routes' references. */
export function gatewaysOf(object: KubernetesObject & { spec: { parentRefs?: ParentRef[] } }): ParentRef[] {
  return (object.spec.parentRefs ?? []).map((ref) => ({
    ...ref,
    namespace: ref.namespace ?? object.metadata!.namespace,
  }));
}
