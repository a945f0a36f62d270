import type { KubernetesObject } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { desiredGateway } from "../../../../sandbox/stand-ins/operators/envoy-gateway/gateway";
import { desiredPolicy } from "../../../../sandbox/stand-ins/operators/envoy-gateway/policies";
import { desiredClass } from "../../../../sandbox/stand-ins/operators/gateway-api/classes";
import { desiredRoute } from "../../../../sandbox/stand-ins/operators/gateway-api/routes";
import type { Gateway, Route } from "../../../../sandbox/stand-ins/operators/gateway-api/types";
import { observing } from "./observed";

const controller = "gateway.envoyproxy.io/gatewayclass-controller";
const gatewayClass = { kind: "GatewayClass", metadata: { name: "envoy" }, spec: { controllerName: controller } };
const proxy = (kubernetes = {}) => ({
  kind: "EnvoyProxy",
  metadata: { namespace: "gateway", name: "proxies" },
  spec: { provider: { kubernetes } },
});
const gateway: Gateway = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { namespace: "gateway", name: "gateway", uid: "u", generation: 3 },
  spec: {
    gatewayClassName: "envoy",
    infrastructure: { parametersRef: { group: "gateway.envoyproxy.io", kind: "EnvoyProxy", name: "proxies" } },
    listeners: [
      { name: "http", port: 80, protocol: "HTTP", allowedRoutes: { namespaces: { from: "Same" } } },
      {
        name: "https",
        port: 443,
        protocol: "HTTPS",
        hostname: "*.example.com",
        tls: { certificateRefs: [{ name: "tls" }] },
        allowedRoutes: {
          namespaces: {
            from: "Selector",
            selector: { matchExpressions: [{ key: "name", operator: "In", values: ["vec"] }] },
          },
        },
      },
      { name: "tcp-5432", port: 5432, protocol: "TCP", allowedRoutes: { namespaces: { from: "All" } } },
    ],
  },
};
const certificate = {
  kind: "Secret",
  metadata: { namespace: "gateway", name: "tls" },
  data: { "tls.crt": "x", "tls.key": "x" },
};
const service = (namespace: string, name: string, port: number) => ({
  kind: "Service",
  metadata: { namespace, name },
  spec: { clusterIP: "10.96.0.9", ports: [{ port }] },
});
const namespace = (name: string) => ({ kind: "Namespace", metadata: { name, labels: { name } } });
const base: KubernetesObject[] = [gatewayClass, proxy(), certificate, gateway, namespace("vec"), namespace("db")];

function route(spec: Partial<Route["spec"]> = {}, at = "vec", kind = "HTTPRoute"): Route {
  return {
    kind,
    metadata: { namespace: at, name: "qdrant", generation: 1 },
    spec: {
      parentRefs: [{ name: "gateway", namespace: "gateway", sectionName: "https" }],
      hostnames: ["vectors.example.com"],
      rules: [{ backendRefs: [{ name: "qdrant", port: 6333 }] }],
      ...spec,
    },
  };
}

function conditionsOf(status: unknown, list: string): string[] {
  const [first] = (status as Record<string, { conditions: { type: string; status: string; reason: string }[] }[]>)[
    list
  ]!;
  return first!.conditions.map(({ type, status: is, reason }) => `${type}=${is} ${reason}`);
}

describe("a Gateway", () => {
  const deployment = (availableReplicas: number) => ({
    kind: "Deployment",
    metadata: { namespace: "gateway", name: "gateway" },
    status: { availableReplicas, replicas: 2 },
  });
  const programmed = (seen: KubernetesObject[]) =>
    (desiredGateway(gateway, observing(seen), controller).status!["conditions"] as object[])[1];

  it.each([
    ["before there is a Service", base, "AddressNotAssigned"],
    ["before a proxy is available", [...base, service("gateway", "gateway", 80), deployment(0)], "NoResources"],
    ["with a proxy", [...base, service("gateway", "gateway", 80), deployment(1)], "Programmed"],
  ])("%s: %s", (_, seen, reason) => {
    expect(programmed(seen)).toMatchObject({
      type: "Programmed",
      status: reason === "Programmed" ? "True" : "False",
      reason,
      observedGeneration: 3,
    });
  });

  it("gets proxies under its own name and in its namespace, which go with it", () => {
    const { objects } = desiredGateway(gateway, observing(base), controller);
    expect(objects!.map(({ kind, metadata }) => `${kind} ${metadata!.namespace}/${metadata!.name}`)).toEqual([
      "ServiceAccount gateway/gateway",
      "ConfigMap gateway/gateway",
      "Service gateway/gateway",
      "Deployment gateway/gateway",
    ]);
    for (const { metadata } of objects!) expect(metadata!.ownerReferences).toMatchObject([{ uid: "u" }]);
  });

  it("looks as its EnvoyProxy says", () => {
    const kubernetes = {
      envoyService: { type: "ClusterIP" },
      envoyPDB: { maxUnavailable: 1 },
      envoyDeployment: {
        replicas: 3,
        container: { resources: { requests: { cpu: "1" } } },
        pod: { priorityClassName: "high", labels: { a: "b" } },
      },
    };
    const seen = base.map((object) => (object.kind === "EnvoyProxy" ? proxy(kubernetes) : object));
    const objects = desiredGateway(gateway, observing(seen), controller).objects!;
    const specOf = (kind: string) =>
      (objects.find((each) => each.kind === kind) as { spec?: object } | undefined)?.spec;
    expect(specOf("Service")).toMatchObject({
      type: "ClusterIP",
      ports: [
        { port: 80, targetPort: 10080 },
        { port: 443, targetPort: 10443 },
        { port: 5432, targetPort: 5432 },
      ],
    });
    expect(specOf("PodDisruptionBudget")).toMatchObject({ maxUnavailable: 1 });
    const labels = { a: "b", "gateway.envoyproxy.io/owning-gateway-name": "gateway" };
    expect(specOf("Deployment")).toMatchObject({
      replicas: 3,
      template: {
        metadata: { labels },
        spec: { priorityClassName: "high", containers: [{ resources: { requests: { cpu: "1" } } }, {}] },
      },
    });
  });

  it.each([
    ["its parameters", base.filter(({ kind }) => kind !== "EnvoyProxy")],
    ["its class", base.filter(({ kind }) => kind !== "GatewayClass")],
  ])("keeps its proxies while %s cannot be seen", (_, seen) => {
    const { objects, prune } = desiredGateway(gateway, observing(seen), controller);
    expect(objects).toBeUndefined();
    expect(prune).toBe(false);
  });

  it.each([
    ["missing", base.filter(({ kind }) => kind !== "Secret"), "does not exist"],
    ["empty", [...base.filter(({ kind }) => kind !== "Secret"), { ...certificate, data: {} }], "no tls.crt"],
  ])("says of each listener that its certificate is %s", (_, seen, message) => {
    const { status } = desiredGateway(gateway, observing(seen), controller);
    const listeners = status!["listeners"] as { name: string; conditions: object[] }[];
    expect(listeners.map(({ conditions }) => (conditions[2] as { status: string }).status)).toEqual([
      "True",
      "False",
      "True",
    ]);
    expect(listeners[1]!.conditions[2]).toMatchObject({
      reason: "InvalidCertificateRef",
      message: expect.stringContaining(message),
    });
  });

  it("counts the routes of each listener", () => {
    const tcp = route(
      { parentRefs: [{ name: "gateway", namespace: "gateway", sectionName: "tcp-5432" }] },
      "db",
      "TCPRoute",
    );
    const { status } = desiredGateway(gateway, observing([...base, route(), route({}, "db"), tcp]), controller);
    const attached = (status!["listeners"] as { attachedRoutes: number }[]).map((each) => each.attachedRoutes);
    expect(attached).toEqual([0, 1, 1]);
  });
});

describe("a route", () => {
  const seen = [...base, service("vec", "qdrant", 6333)];
  it.each([
    ["as it should be", route(), "Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs"],
    [
      "on a listener that is not there",
      route({ parentRefs: [{ name: "gateway", namespace: "gateway", sectionName: "other" }] }),
      "Accepted=False NoMatchingParent",
      "ResolvedRefs=True ResolvedRefs",
    ],
    [
      "on a listener of another protocol",
      route({ parentRefs: [{ name: "gateway", namespace: "gateway", sectionName: "tcp-5432" }] }),
      "Accepted=False NotAllowedByListeners",
      "ResolvedRefs=True ResolvedRefs",
    ],
    [
      "of a host that no listener has",
      route({ hostnames: ["vectors.example.org"] }),
      "Accepted=False NoMatchingListenerHostname",
      "ResolvedRefs=True ResolvedRefs",
    ],
    [
      "from a namespace that may not",
      route({}, "db"),
      "Accepted=False NotAllowedByListeners",
      "ResolvedRefs=False BackendNotFound",
    ],
    [
      "to a port that the Service has not",
      route({ rules: [{ backendRefs: [{ name: "qdrant", port: 1 }] }] }),
      "Accepted=True Accepted",
      "ResolvedRefs=False PortNotFound",
    ],
    [
      "to a Service of another namespace",
      route({ rules: [{ backendRefs: [{ name: "qdrant", namespace: "db", port: 6333 }] }] }),
      "Accepted=True Accepted",
      "ResolvedRefs=False RefNotPermitted",
    ],
  ])("%s", (_, each, ...expected) => {
    const { status } = desiredRoute(each, observing(seen), controller);
    expect(conditionsOf(status, "parents")).toEqual(expected);
  });

  it("without a Gateway of this controller waits without a word", () => {
    const others = seen.filter(({ kind }) => kind !== "Gateway");
    expect(desiredRoute(route(), observing(others), controller)).toEqual({});
    expect(desiredRoute(route(), observing(seen), "somebody/else")).toEqual({});
  });
});

describe("a policy", () => {
  const target = { group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: "qdrant" };
  const policy = (spec: object) => ({
    metadata: { namespace: "vec", name: "p" },
    spec: { targetRefs: [target], ...spec },
  });
  const secret = (name: string, key: string) => ({
    kind: "Secret",
    metadata: { namespace: "vec", name },
    data: { [key]: "x" },
  });
  const seen = [...base, route()];

  it.each([
    ["nothing more", {}, [], "Accepted=True Accepted"],
    [
      "a client's secret",
      { oidc: { clientSecret: { name: "c" } } },
      [secret("c", "client-secret")],
      "Accepted=True Accepted",
    ],
    ["a secret that is not there", { oidc: { clientSecret: { name: "c" } } }, [], "Accepted=False Invalid"],
    [
      "a secret without its key",
      { basicAuth: { users: { name: "c" } } },
      [secret("c", "auth")],
      "Accepted=False Invalid",
    ],
    ["users", { basicAuth: { users: { name: "c" } } }, [secret("c", ".htpasswd")], "Accepted=True Accepted"],
  ])("with %s", (_, spec, more, expected) => {
    const { status } = desiredPolicy(policy(spec), observing([...seen, ...more]), controller);
    expect(conditionsOf(status, "ancestors")).toEqual([expected]);
  });

  it("waits for its target", () => {
    expect(desiredPolicy(policy({}), observing(base), controller)).toEqual({});
  });
});

it("accepts classes of its own only", () => {
  expect(desiredClass(gatewayClass, observing([]), controller).status).toMatchObject({
    conditions: [{ type: "Accepted", status: "True" }],
  });
  expect(desiredClass(gatewayClass, observing([]), "somebody/else")).toEqual({});
});
