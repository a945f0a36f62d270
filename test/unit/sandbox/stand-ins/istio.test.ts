import type { KubernetesObject } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import type { Gateway, Route } from "../../../../sandbox/stand-ins/operators/gateway-api/types";
import { controllerName, istio } from "../../../../sandbox/stand-ins/operators/istio";
import { desiredGateway } from "../../../../sandbox/stand-ins/operators/istio/gateway";
import { overlay } from "../../../../sandbox/stand-ins/operators/istio/overlay";
import { at } from "../../components/recorder";
import { observing } from "./observed";

type Any = KubernetesObject & Record<string, unknown>;

const gateway: Gateway = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { namespace: "gateway", name: "gateway", uid: "1" },
  spec: {
    gatewayClassName: "ours",
    listeners: [
      { name: "http", port: 80, protocol: "HTTP" },
      { name: "https", port: 443, protocol: "HTTPS", hostname: "*.example.com" },
      { name: "https-domain", port: 443, protocol: "HTTPS", hostname: "example.com" },
    ],
  },
};
const gatewayClass = (of: string): Any => ({
  kind: "GatewayClass",
  metadata: { name: "ours" },
  spec: { controllerName: of },
});
const overlays = (data: Record<string, string>, className = "ours"): Any => ({
  kind: "ConfigMap",
  metadata: { namespace: "operators", name: "o", labels: { "gateway.istio.io/defaults-for-class": className } },
  data,
});
const injector: Any = {
  kind: "ConfigMap",
  metadata: { namespace: "operators", name: "istio-sidecar-injector" },
  data: { values: '{"gateways":{"seccompProfile":{"type":"RuntimeDefault"}},"global":{"variant":"distroless"}}' },
};
const deployment = (availableReplicas: number): Any => ({
  kind: "Deployment",
  metadata: { namespace: "gateway", name: "gateway-ours" },
  status: { availableReplicas },
});
const desired = (objects: Any[]) => desiredGateway(gateway, observing(objects), controllerName);
const of = (objects: readonly KubernetesObject[] | undefined, kind: string) =>
  objects?.find((each) => each.kind === kind);
const condition = (objects: Any[], type: string) => {
  const conditions = at(desired(objects).status, "conditions") as { type: string; status: string }[];
  return conditions.find((each) => each.type === type)?.status;
};

describe("the stand-in for Istio's gateways", () => {
  it("leaves Gateways of other classes alone", () => {
    expect(desired([gatewayClass("somebody.else/controller")])).toEqual({});
    expect(desired([])).toEqual({});
  });

  it("makes pods that the restricted level lets in only where Istio is told so", () => {
    const pod = (objects: Any[]) => at(of(desired(objects).objects, "Deployment"), "spec", "template", "spec");
    const told = pod([gatewayClass(controllerName), injector]);
    expect(at(told, "securityContext", "seccompProfile", "type")).toBe("RuntimeDefault");
    expect(at(told, "containers", 0, "image")).toBe("registry.istio.io/release/proxyv2:1.30.3-distroless");
    expect(at(pod([gatewayClass(controllerName)]), "securityContext")).not.toHaveProperty("seccompProfile");
  });

  it("lays the overlays of the class over the objects", () => {
    const patch = overlays({
      service: "spec:\n  type: ClusterIP\n",
      deployment:
        "spec:\n  replicas: 2\n  template:\n    spec:\n      containers:\n      - name: istio-proxy\n        resources:\n          limits:\n            memory: 2Gi\n",
      podDisruptionBudget: "spec:\n  maxUnavailable: 1\n",
    });
    const { objects } = desired([gatewayClass(controllerName), patch]);
    expect(at(of(objects, "Service"), "spec", "type")).toBe("ClusterIP");
    expect(at(of(objects, "Deployment"), "spec", "replicas")).toBe(2);
    const containers = at(of(objects, "Deployment"), "spec", "template", "spec", "containers") as unknown[];
    expect(containers).toHaveLength(1);
    expect(containers[0]).toMatchObject({
      resources: { requests: { memory: "128Mi" }, limits: { cpu: "2", memory: "2Gi" } },
    });
    expect(of(objects, "PodDisruptionBudget")).toMatchObject({
      metadata: { name: "gateway-ours" },
      spec: { maxUnavailable: 1, selector: { matchLabels: { "gateway.networking.k8s.io/gateway-name": "gateway" } } },
    });
  });

  it("makes a load balancer and no budget where the class says nothing", () => {
    const { objects } = desired([
      gatewayClass(controllerName),
      overlays({ service: "spec: {type: ClusterIP}" }, "other"),
    ]);
    expect(at(of(objects, "Service"), "spec", "type")).toBe("LoadBalancer");
    expect(of(objects, "PodDisruptionBudget")).toBeUndefined();
    expect(at(of(objects, "Service"), "spec", "ports")).toMatchObject([{ port: 15021 }, { port: 80 }, { port: 443 }]);
  });

  it("calls the Gateway programmed once its pods are there", () => {
    const known = gatewayClass(controllerName);
    expect(condition([known], "Accepted")).toBe("True");
    expect(condition([known, deployment(0)], "Programmed")).toBe("False");
    expect(condition([known, deployment(1)], "Programmed")).toBe("True");
  });

  it("does not answer for TCPRoutes, whose served version Istio does not know", () => {
    expect(istio.handlers.map(({ kind }) => kind.kind).sort()).toEqual([
      "BackendTLSPolicy",
      "GRPCRoute",
      "Gateway",
      "GatewayClass",
      "HTTPRoute",
    ]);
  });

  it("accepts routes of its Gateways", () => {
    const handler = istio.handlers.find(({ kind }) => kind.kind === "HTTPRoute")!;
    const route: Route = {
      kind: "HTTPRoute",
      metadata: { namespace: "gateway", name: "redirect" },
      spec: { parentRefs: [{ name: "gateway", sectionName: "http" }] },
    };
    const { status } = handler.desired(
      route,
      observing([gatewayClass(controllerName), gateway as unknown as Any, route]),
    );
    expect(at(status, "parents", 0)).toMatchObject({
      controllerName,
      conditions: [
        { type: "Accepted", status: "True" },
        { type: "ResolvedRefs", status: "True" },
      ],
    });
  });
});

describe("overlays", () => {
  it.each([
    ["maps are merged", { a: { b: 1, c: 2 } }, { a: { c: 3 } }, { a: { b: 1, c: 3 } }],
    [
      "named things are merged by name, and new ones added",
      [{ name: "x", v: 1, w: 1 }],
      [{ name: "x", v: 2 }, { name: "y" }],
      [{ name: "x", v: 2, w: 1 }, { name: "y" }],
    ],
    ["other lists are replaced", { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ["texts are replaced", { a: "x" }, { a: "y" }, { a: "y" }],
  ])("%s", (_, object, patch, merged) => {
    expect(overlay<unknown>(object, patch)).toEqual(merged);
  });
});
