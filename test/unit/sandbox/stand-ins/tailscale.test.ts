import { describe, expect, it } from "vitest";
import { desiredConnector, desiredProxyClass } from "../../../../sandbox/stand-ins/operators/tailscale";
import { observing } from "./observed";

const metadata = { name: "demo", uid: "u-1" };
const oauth = {
  kind: "Secret",
  metadata: { namespace: "operators", name: "operator-oauth" },
  data: { client_id: "x", client_secret: "y" },
};
const container = {
  resources: { requests: { cpu: "50m" } },
  securityContext: { capabilities: { add: ["NET_ADMIN"] } },
};
const proxyClass = {
  kind: "ProxyClass",
  metadata: { name: "small" },
  spec: { statefulSet: { pod: { priorityClassName: "high", tailscaleContainer: container } } },
};
const connector = {
  apiVersion: "tailscale.com/v1alpha1",
  kind: "Connector",
  metadata,
  spec: { replicas: 2, proxyClass: "small", subnetRouter: { advertiseRoutes: ["10.0.0.0/24", "10.1.0.0/24"] } },
};

it("a ProxyClass is ready", () => {
  expect(desiredProxyClass(proxyClass, observing([])).status).toMatchObject({
    conditions: [{ type: "ProxyClassReady", status: "True" }],
  });
});

describe("Connector", () => {
  it("takes the room that its class says, where the operator is", () => {
    const { objects, status } = desiredConnector(connector, observing([oauth, proxyClass]));
    expect(objects).toMatchObject([
      {
        kind: "StatefulSet",
        metadata: { name: "ts-demo", namespace: "operators", ownerReferences: [{ kind: "Connector", name: "demo" }] },
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: "u-1" } },
          template: {
            metadata: { labels: { app: "u-1", "tailscale.com/managed": "true" } },
            spec: { priorityClassName: "high", containers: [{ name: "tailscale", ...container }] },
          },
        },
      },
    ]);
    expect(status).toMatchObject({
      subnetRoutes: "10.0.0.0/24,10.1.0.0/24",
      conditions: [{ type: "ConnectorReady", status: "True" }],
    });
  });

  it("has a port for metrics where its class says so, and else none", () => {
    const portsWith = (spec: object) => {
      const changed = { ...proxyClass, spec };
      const { objects } = desiredConnector(connector, observing([oauth, changed]));
      const [set] = objects as { spec: { template: { spec: { containers: { ports?: unknown }[] } } } }[];
      return set?.spec.template.spec.containers[0]?.ports;
    };
    expect(portsWith({ metrics: { enable: true } })).toEqual([
      { name: "metrics", protocol: "TCP", containerPort: 9002 },
    ]);
    expect(portsWith({})).toBeUndefined();
  });

  it.each([
    ["its class is not there", connector, [oauth], "ProxyClass small"],
    ["the operator has no credentials", connector, [proxyClass], "client_id"],
    ["it does nothing", { ...connector, spec: { proxyClass: "small" } }, [oauth, proxyClass], "must expose"],
  ])("is not ready while %s", (_, resource, seen, message) => {
    const { objects, status } = desiredConnector(resource, observing(seen));
    expect(objects).toEqual([]);
    expect(status).toMatchObject({ conditions: [{ status: "False", message: expect.stringContaining(message) }] });
  });
});
