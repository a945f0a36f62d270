import type { KubernetesObject, V1LabelSelector } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import type { Condition } from "../types";

export const group = "gateway.networking.k8s.io";
const apiVersion = `${group}/v1`;

export const gatewayClassKind: Kind = { apiVersion, kind: "GatewayClass", plural: "gatewayclasses" };
export const gatewayKind: Kind = { apiVersion, kind: "Gateway", plural: "gateways" };
export const httpRouteKind: Kind = { apiVersion, kind: "HTTPRoute", plural: "httproutes" };
export const grpcRouteKind: Kind = { apiVersion, kind: "GRPCRoute", plural: "grpcroutes" };
export const tcpRouteKind: Kind = { apiVersion, kind: "TCPRoute", plural: "tcproutes" };
export const backendTlsPolicyKind: Kind = { apiVersion, kind: "BackendTLSPolicy", plural: "backendtlspolicies" };
export const routeKinds: Kind[] = [httpRouteKind, grpcRouteKind, tcpRouteKind];

export interface GatewayClass extends KubernetesObject {
  spec: { controllerName: string };
  status?: { conditions?: Condition[] };
}

export interface Listener {
  name: string;
  port: number;
  protocol: "HTTP" | "HTTPS" | "TCP" | "TLS";
  hostname?: string;
  tls?: { certificateRefs?: { name: string; namespace?: string }[] };
  allowedRoutes?: { namespaces?: { from?: "All" | "Same" | "Selector"; selector?: V1LabelSelector } };
}

export interface Gateway extends KubernetesObject {
  spec: {
    gatewayClassName: string;
    listeners: Listener[];
    infrastructure?: { parametersRef?: { group: string; kind: string; name: string } };
  };
  status?: { conditions?: Condition[]; listeners?: { name: string; conditions?: Condition[] }[] };
}

export interface ParentRef {
  group?: string;
  kind?: string;
  name: string;
  namespace?: string;
  sectionName?: string;
}

export interface Route extends KubernetesObject {
  spec: {
    parentRefs?: ParentRef[];
    hostnames?: string[];
    rules?: { backendRefs?: { name: string; namespace?: string; port?: number }[] }[];
  };
  status?: { parents?: { parentRef: ParentRef; controllerName: string; conditions: Condition[] }[] };
}

export interface BackendTlsPolicy extends KubernetesObject {
  spec: {
    targetRefs: { group: string; kind: string; name: string; sectionName?: string }[];
    validation: {
      hostname: string;
      caCertificateRefs?: { group: string; kind: string; name: string }[];
      wellKnownCACertificates?: string;
    };
  };
  status?: { ancestors?: { ancestorRef: object; controllerName: string; conditions: Condition[] }[] };
}
