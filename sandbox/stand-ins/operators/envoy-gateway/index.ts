import type { Kind } from "../../runtime/cluster";
import { deployments, services } from "../../runtime/kinds";
import { gatewayClassHandler } from "../gateway-api/classes";
import { routeHandler } from "../gateway-api/routes";
import { routeKinds } from "../gateway-api/types";
import type { Operator } from "../types";
import { backendTlsHandler, backendTlsProblem } from "./backend-tls";
import { gatewayHandler } from "./gateway";
import { policyHandlers } from "./policies";

export const controllerName = "gateway.envoyproxy.io/gatewayclass-controller";

const core = (kind: string, plural: string): Kind => ({ apiVersion: "v1", kind, plural });

export const envoyGateway: Operator = {
  name: "envoy-gateway",
  image: /(^|\/)envoyproxy\/gateway[:@]/,
  standsInFor: "Envoy Gateway: proxies, and what becomes of routes and policies; no Envoy passes a request on",
  children: [
    core("ServiceAccount", "serviceaccounts"),
    core("ConfigMap", "configmaps"),
    services,
    deployments,
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets" },
  ],
  handlers: [
    gatewayClassHandler(controllerName),
    gatewayHandler(controllerName),
    ...routeKinds.map((kind) => routeHandler(kind, controllerName, backendTlsProblem)),
    backendTlsHandler(controllerName),
    ...policyHandlers(controllerName),
  ],
};
