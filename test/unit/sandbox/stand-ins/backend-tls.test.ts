import type { KubernetesObject } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import * as envoy from "../../../../sandbox/stand-ins/operators/envoy-gateway/backend-tls";
import { desiredRoute } from "../../../../sandbox/stand-ins/operators/gateway-api/routes";
import type { BackendTlsPolicy, Route } from "../../../../sandbox/stand-ins/operators/gateway-api/types";
import * as istio from "../../../../sandbox/stand-ins/operators/istio/backend-tls";
import { at } from "../../components/recorder";
import { observing } from "./observed";

type Any = KubernetesObject & Record<string, unknown>;

const controller = "gateway.envoyproxy.io/gatewayclass-controller";
const gateway: Any[] = [
  { kind: "GatewayClass", metadata: { name: "envoy" }, spec: { controllerName: controller } },
  {
    kind: "Gateway",
    metadata: { namespace: "gateway", name: "gateway" },
    spec: {
      gatewayClassName: "envoy",
      listeners: [{ name: "https", port: 443, protocol: "HTTPS", allowedRoutes: { namespaces: { from: "All" } } }],
    },
  },
];
const service: Any = {
  kind: "Service",
  metadata: { namespace: "storage", name: "minio" },
  spec: {
    ports: [
      { name: "s3", port: 9000 },
      { name: "console", port: 9001 },
    ],
  },
};
const authority = (data: object = { "ca.crt": "PEM" }): Any => ({
  kind: "ConfigMap",
  metadata: { namespace: "storage", name: "internal-ca" },
  data,
});
const policy = (more: { name?: string; sectionName?: string; kind?: string; created?: string } = {}) => {
  const { name = "console", sectionName = "console", kind = "ConfigMap", created = "2026-01-01T00:00:00Z" } = more;
  return {
    kind: "BackendTLSPolicy",
    metadata: { namespace: "storage", name, generation: 1, creationTimestamp: created as unknown as Date },
    spec: {
      targetRefs: [{ group: "", kind: "Service", name: "minio", sectionName }],
      validation: { hostname: "minio.storage.svc", caCertificateRefs: [{ group: "", kind, name: "internal-ca" }] },
    },
  } satisfies BackendTlsPolicy;
};
const route = (port = 9001): Route => ({
  kind: "HTTPRoute",
  metadata: { namespace: "storage", name: "minio", generation: 1 },
  spec: {
    parentRefs: [{ name: "gateway", namespace: "gateway", sectionName: "https" }],
    rules: [{ backendRefs: [{ name: "minio", port }] }],
  },
});

function conditionsOf(status: unknown, list: string): string[] {
  const all = at(status, list, 0, "conditions") as { type: string; status: string; reason: string }[];
  return all.map(({ type, status: is, reason }) => `${type}=${is} ${reason}`);
}

describe("a BackendTLSPolicy with Envoy Gateway", () => {
  const desired = (each: BackendTlsPolicy, more: Any[]) =>
    envoy.desiredBackendTls(each, observing([...gateway, service, each as unknown as Any, ...more]), controller);

  it("is not spoken of before a route leads to its Service", () => {
    expect(desired(policy(), [authority()])).toEqual({});
  });

  it.each([
    ["with its authority", policy(), [authority()], ["ResolvedRefs=True ResolvedRefs", "Accepted=True Accepted"]],
    [
      "whose ConfigMap is missing",
      policy(),
      [],
      ["ResolvedRefs=False InvalidCACertificateRef", "Accepted=False NoValidCACertificate"],
    ],
    [
      "whose ConfigMap is empty",
      policy(),
      [authority({})],
      ["ResolvedRefs=False InvalidCACertificateRef", "Accepted=False NoValidCACertificate"],
    ],
    [
      "that names something else",
      policy({ kind: "Bundle" }),
      [authority()],
      ["ResolvedRefs=False InvalidKind", "Accepted=False NoValidCACertificate"],
    ],
    [
      "after an older one for the same port",
      policy({ created: "2026-01-02T00:00:00Z" }),
      [authority(), policy({ name: "older" }) as unknown as Any],
      ["ResolvedRefs=True ResolvedRefs", "Accepted=False Conflicted"],
    ],
  ])("%s", (_, each, more, expected) => {
    const { status } = desired(each, [...more, route() as unknown as Any]);
    expect(conditionsOf(status, "ancestors")).toEqual(expected);
  });

  it("is not spoken of because of a route to another port", () => {
    expect(desired(policy(), [authority(), route(9000) as unknown as Any])).toEqual({});
  });

  it.each([
    ["the port of the policy", 9001, "ResolvedRefs=False InvalidBackendTLS"],
    ["another port", 9000, "ResolvedRefs=True ResolvedRefs"],
  ])("keeps a route to %s from being resolved while its authority is missing", (_, port, expected) => {
    const seen = observing([...gateway, service, policy() as unknown as Any]);
    const { status } = desiredRoute(route(port), seen, controller, envoy.backendTlsProblem);
    expect(conditionsOf(status, "parents")[1]).toBe(expected);
  });
});

describe("a BackendTLSPolicy with Istio", () => {
  it.each([
    [
      "with its authority",
      policy(),
      [service, authority()],
      ["Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs"],
    ],
    [
      "whose ConfigMap is missing",
      policy(),
      [service],
      ["Accepted=False NoValidCACertificate", "ResolvedRefs=False InvalidCACertificateRef"],
    ],
    [
      "of a port that is not there",
      policy({ sectionName: "https" }),
      [service, authority()],
      ["Accepted=False TargetNotFound", "ResolvedRefs=True ResolvedRefs"],
    ],
    [
      "of a Service that is not there",
      policy(),
      [authority()],
      ["Accepted=False TargetNotFound", "ResolvedRefs=True ResolvedRefs"],
    ],
  ])("%s, be there a route or not", (_, each, seen, expected) => {
    expect(conditionsOf(istio.desiredBackendTls(each, observing(seen)).status, "ancestors")).toEqual(expected);
  });
});
