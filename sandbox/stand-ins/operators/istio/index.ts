import type { Kind } from "../../runtime/cluster";
import { deployments, services } from "../../runtime/kinds";
import { gatewayClassHandler } from "../gateway-api/classes";
import { routeHandler } from "../gateway-api/routes";
import { grpcRouteKind, httpRouteKind } from "../gateway-api/types";
import type { Operator } from "../types";
import { backendTlsHandler } from "./backend-tls";
import { gatewayHandler } from "./gateway";

export const controllerName = "istio.io/gateway-controller";

const core = (kind: string, plural: string): Kind => ({ apiVersion: "v1", kind, plural });

/** TCPRoute is left out as Istio 1.30 does: it knows a version of it that is not served any more. */
export const istio: Operator = {
  name: "istio",
  image: /(^|\/)pilot[:@]/,
  standsInFor:
    "Istio: pods of the Gateway, and what becomes of routes; no Envoy passes a request on, nothing is encrypted",
  children: [
    core("ServiceAccount", "serviceaccounts"),
    services,
    deployments,
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets" },
  ],
  handlers: [
    gatewayClassHandler(controllerName),
    gatewayHandler(controllerName),
    ...[httpRouteKind, grpcRouteKind].map((kind) => routeHandler(kind, controllerName)),
    backendTlsHandler,
  ],
};
