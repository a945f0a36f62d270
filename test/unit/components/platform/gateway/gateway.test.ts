import { describe, expect, it } from "vitest";
import { gatewayLoadBalancerAddress, planAddresses } from "../../../../../components/hetzner/address-plan";
import type { RouteArgs } from "../../../../../components/kit/route";
import type { OidcClient } from "../../../../../components/kit/sign-in";
import { EnvoyDataPlane } from "../../../../../components/platform/gateway";
import { addressesOf, loadBalancerAnnotations } from "../../../../../components/platform/gateway/load-balancer";
import { at } from "../../recorder";
import { type Args, gatewayWith, type Wish } from "./kinds";

const envoy = (args: Args) => new EnvoyDataPlane("envoy-gateway", args);
const made = (use: Wish["use"], listen: Wish["listen"] = {}) => gatewayWith(envoy, { listen, use });
const client = { secretNamespace: "apps", secretName: "flows-oidc", issuer: "https://auth", clientId: "flows" };

describe("a route that cannot be", () => {
  const route = (more: Partial<RouteArgs>) =>
    made((gateway, backend) => gateway.route("flows", { host: "flows.example.com", backend, ...more }));

  it.each([
    ["no certificate covers", { host: "flows.example.org" }, "no listener covers flows.example.org"],
    ["gRPC has no paths for", { protocol: "h2c", path: "/v1" }, 'gRPC routes have no path: leave out "/v1"'],
    [
      "nobody finds the Secret of",
      { signIn: { kind: "oidc", client: { ...client, secretNamespace: "auth" } as unknown as OidcClient } },
      "the client's Secret is in auth and must be where the backend is",
    ],
    [
      "nobody knows the endpoints of",
      { signIn: { kind: "oidc", client: client as unknown as OidcClient } },
      "its client has no endpoints",
    ],
  ] as [string, Partial<RouteArgs>, string][])("is one that %s", async (_, more, message) => {
    await expect(route(more)).rejects.toThrow(message);
  });

  it("is one to a port where nobody listens", async () => {
    const port = made((gateway, backend) => gateway.tcpRoute("flows", { port: 7687, backend }));
    await expect(port).rejects.toThrow("nobody listens on port 7687");
  });
});

it("gives routes as clients write them", async () => {
  let urls: string[] = [];
  await made(
    (gateway, backend) => {
      const host = "flows.example.com";
      urls = [
        gateway.route("flows", { host, backend }),
        gateway.route("flows-api", { host, path: "/api", backend }),
        gateway.tcpRoute("flows-bolt", { port: 7687, backend }),
      ].map(({ url }) => url);
    },
    { tcpPorts: [7687] },
  );
  expect(urls).toEqual(["https://flows.example.com/", "https://flows.example.com/api", "tcp://example.com:7687"]);
});

it("opens one way for two routes to one backend, and one more for another port of its pods", async () => {
  const { kind } = await made((gateway, backend) => {
    for (const path of ["/a", "/b"])
      gateway.route(`flows${path.slice(1)}`, { host: "flows.example.com", path, backend });
    gateway.route("flows-metrics", { host: "flows.example.com", path: "/m", backend: { ...backend, podPort: 9090 } });
  }).then((recorder) => ({ kind: recorder.kind.bind(recorder) }));
  const ingress = kind("NetworkPolicy")
    .map(({ inputs }) => String(at(inputs, "metadata", "name")))
    .filter((name) => name.startsWith("gateway-to-flows-") && name.endsWith("-ingress"));
  expect(ingress.sort()).toEqual(["gateway-to-flows-8080-ingress", "gateway-to-flows-9090-ingress"]);
});

it.each([
  [undefined, ""],
  [[], ""],
  [[{ ip: "192.0.2.1" }, { ip: "2001:db8::1" }, {}], "192.0.2.1,2001:db8::1"],
])("the addresses of %j are %j", (ingress, expected) => {
  expect(addressesOf(ingress)).toBe(expected);
});

describe("the load balancer's annotations", () => {
  const args = {
    hetznerName: "demo-gateway",
    type: "lb11",
    location: "fsn1",
    privateIp: "10.0.0.6",
    proxyProtocol: true,
    public: true,
  };
  const of = (more: Partial<typeof args> = {}) =>
    Object.fromEntries(
      Object.entries(loadBalancerAnnotations({ ...args, ...more })).map(([key, value]) => [key.split("/")[1], value]),
    );

  it("put it into the private network, with health checks", () => {
    expect(of()).toMatchObject({
      name: "demo-gateway",
      type: "lb11",
      location: "fsn1",
      "private-ipv4": "10.0.0.6",
      "use-private-ip": "true",
      "uses-proxyprotocol": "true",
      "health-check-protocol": "tcp",
    });
  });

  it.each([
    [true, "false", "true"],
    [false, "true", "false"],
  ])("public %s: one kind of addresses is where clients come in", (isPublic, noPublic, noPrivate) => {
    expect(of({ public: isPublic })).toMatchObject({
      "disable-public-network": noPublic,
      "disable-private-ingress": noPrivate,
    });
  });
});

it("has an address that no server and no other load balancer gets", () => {
  const pools = [{ name: "general", count: 100 }];
  for (const nodeCidr of ["10.0.0.0/20", "10.1.0.0/24"]) {
    const plan = planAddresses({ nodeCidr, controlPlaneCount: 5, pools: nodeCidr.endsWith("/20") ? pools : [] });
    const taken = [plan.loadBalancer, ...plan.controlPlane, ...[...plan.pools.values()].flat()];
    expect(taken).not.toContain(gatewayLoadBalancerAddress(nodeCidr));
  }
});
