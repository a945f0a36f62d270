import { beforeAll, describe, expect, it } from "vitest";
import type { RouteArgs } from "../../../../../components/kit/route";
import type { OidcClient } from "../../../../../components/kit/sign-in";
import { signInRedirectUri } from "../../../../../components/kit/sign-in";
import {
  clientTrafficSpec,
  envoyPodPort,
  envoyProxySpec,
  PROXY_LABELS,
  securitySpec,
  streamSpec,
} from "../../../../../components/platform/gateway/envoy/specs";
import { routeSpec } from "../../../../../components/platform/gateway/gateway-api";
import { definitionCheck } from "../../definitions";
import { at, type Data, kindOf, type Recorded, type Recorder } from "../../recorder";
import { shared } from "../../shared";
import { createGatewayEnvironment } from "./support";

const crds = shared("crds", "Gateway API and Envoy Gateway against their CustomResourceDefinitions");
const definitions: Record<string, string> = {
  Gateway: "gateways.gateway.networking.k8s.io",
  GatewayClass: "gatewayclasses.gateway.networking.k8s.io",
  HTTPRoute: "httproutes.gateway.networking.k8s.io",
  GRPCRoute: "grpcroutes.gateway.networking.k8s.io",
  TCPRoute: "tcproutes.gateway.networking.k8s.io",
  EnvoyProxy: "envoyproxies.gateway.envoyproxy.io",
  ClientTrafficPolicy: "clienttrafficpolicies.gateway.envoyproxy.io",
  BackendTrafficPolicy: "backendtrafficpolicies.gateway.envoyproxy.io",
  SecurityPolicy: "securitypolicies.gateway.envoyproxy.io",
};

function errorsOf(kind: string, spec: object, apiVersion = "gateway.envoyproxy.io/v1alpha1"): unknown[] {
  const check = definitionCheck(crds!, definitions[kind]!);
  check({ apiVersion, kind, metadata: { name: "x" }, spec });
  return check.errors ?? [];
}

/** Whether the engine makes `from` after `to`: by what it depends on, or what its components depend on. */
function reaches(made: Recorder, from: Recorded, to: Recorded, seen = new Set<string>()): boolean {
  return [...from.dependencies, from.parent].some((urn) => {
    if (urn === to.urn) return true;
    const next = made.resources.find((each) => each.urn === urn);
    if (next === undefined || seen.has(urn)) return false;
    seen.add(urn);
    return reaches(made, next, to, seen);
  });
}

describe("the gateway in prod", () => {
  let made: Recorder;
  let outputs: Partial<Record<string, unknown>>;
  beforeAll(async () => {
    ({ made, outputs } = await createGatewayEnvironment("prod"));
  });

  it("has one load balancer, a Service of ours that leads to the proxies", () => {
    const balancers = made.kind("Service").filter(({ inputs }) => at(inputs, "spec", "type") === "LoadBalancer");
    expect(balancers.map(({ inputs }) => at(inputs, "metadata", "name"))).toEqual(["gateway-load-balancer"]);
    expect(balancers[0]!.inputs["spec"]).toMatchObject({
      selector: PROXY_LABELS,
      ports: [
        { name: "http", port: 80, targetPort: 10080 },
        { name: "https", port: 443, targetPort: 10443 },
        { name: "tcp-5432", port: 5432, targetPort: 5432 },
      ],
    });
    expect(at(made.one("EnvoyProxy", "proxies").inputs, "spec", "provider", "kubernetes", "envoyService")).toEqual({
      type: "ClusterIP",
    });
  });

  it("makes it before the Gateway, so that on destroy it is the last to go, and after the namespace", () => {
    const service = made.one("Service", "gateway-load-balancer");
    const gateway = made.one("Gateway", "gateway");
    expect(gateway.dependencies).toContain(service.urn);
    expect(reaches(made, service, made.one("Namespace", "gateway"))).toBe(true);
  });

  it("opens the way to each backend once, at the pods' port, and to nothing else", () => {
    const fromGateway = made
      .kind("NetworkPolicy")
      .filter(({ inputs }) => at(inputs, "metadata", "namespace") === "gateway")
      .map(({ inputs }) => at(inputs, "metadata", "name"));
    expect(fromGateway.sort()).toEqual([
      "allow-dns",
      "default-deny",
      "gateway-to-envoy-gateway-xds-egress",
      "gateway-to-postgres-5432-egress",
      "gateway-to-qdrant-6333-egress",
    ]);
    const world = made.one("CiliumNetworkPolicy", "gateway-world").inputs["spec"];
    expect(at(world, "ingress", 0, "toPorts", 0, "ports")).toEqual(
      [10080, 10443, 5432].map((port) => ({ port: String(port), protocol: "TCP" })),
    );
    expect(at(world, "egress")).toBeUndefined();
  });

  it("puts routes beside their backends, and they wait until they are taken", () => {
    const route = made.one("HTTPRoute", "qdrant");
    expect(at(route.inputs, "metadata", "namespace")).toBe("vec");
    expect(route.inputs["spec"]).toMatchObject({
      hostnames: ["vectors.test.example.com"],
      parentRefs: [{ name: "gateway", namespace: "gateway", sectionName: "https" }],
      rules: [{ backendRefs: [{ name: "qdrant", port: 6333 }], timeouts: { request: "300s" } }],
    });
    const tcp = made.one("TCPRoute", "postgres");
    expect(at(tcp.inputs, "metadata", "namespace")).toBe("db");
    expect(tcp.inputs["spec"]).toMatchObject({
      parentRefs: [{ sectionName: "tcp-5432" }],
      rules: [{ backendRefs: [{ name: "postgres-rw", port: 5432 }] }],
    });
    for (const each of [route, tcp]) {
      const waits = String(at(each.inputs, "metadata", "annotations", "pulumi.com/waitFor"));
      expect(JSON.parse(waits)).toEqual([
        'jsonpath={.status.parents[0].conditions[?(@.type=="Accepted")].status}=True',
        'jsonpath={.status.parents[0].conditions[?(@.type=="ResolvedRefs")].status}=True',
      ]);
    }
  });

  it("redirects HTTP, which nobody else may attach a route to", () => {
    const listeners = at(made.one("Gateway", "gateway").inputs, "spec", "listeners") as Data[];
    expect(listeners[0]).toMatchObject({ name: "http", allowedRoutes: { namespaces: { from: "Same" } } });
    expect(made.one("HTTPRoute", "redirect").inputs["spec"]).toMatchObject({
      parentRefs: [{ sectionName: "http" }],
      rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }] }],
    });
  });

  it("lets namespaces of the program attach routes, and no others", () => {
    const listeners = at(made.one("Gateway", "gateway").inputs, "spec", "listeners") as Data[];
    const [expression] = at(listeners[1], "allowedRoutes", "namespaces", "selector", "matchExpressions") as Data[];
    const names = at(expression, "values") as string[];
    const made_ = made.kind("Namespace").map(({ inputs }) => at(inputs, "metadata", "name"));
    expect(names).toEqual(expect.arrayContaining(made_));
    expect(names).not.toContain("default");
  });

  it("has the certificate of its listeners after what listens, so that ACME can ask through it", () => {
    const certificate = made
      .kind("Certificate")
      .find(({ inputs }) => at(inputs, "spec", "secretName") === "test-example-com-tls");
    expect(at(certificate?.inputs, "metadata", "namespace")).toBe("gateway");
    expect(at(certificate?.inputs, "spec", "dnsNames")).toEqual(["test.example.com", "*.test.example.com"]);
    expect(reaches(made, certificate!, made.one("Gateway", "gateway"))).toBe(true);
  });

  it("opens the controller's paths before its release", () => {
    const release = made.releases().find(({ name }) => name === "envoy-gateway")!;
    const paths = made.component("orrery:kit:Paths", "envoy-gateway-paths");
    const policies = made.kind("CiliumNetworkPolicy").filter(({ parent }) => parent === paths.urn);
    for (const policy of policies) expect(reaches(made, release, policy)).toBe(true);
    expect(policies.map(({ inputs }) => at(inputs, "spec", "endpointSelector", "matchLabels"))).toEqual([
      { "control-plane": "envoy-gateway" },
      { app: "certgen" },
    ]);
  });

  it("says where things are found", () => {
    expect(outputs["qdrant"]).toMatchObject({ url: "https://vectors.test.example.com/" });
  });

  it.skipIf(crds === undefined)("meets the definitions, with no field that is not there", () => {
    const own = made.objects().filter((resource) => Object.hasOwn(definitions, kindOf(resource)));
    expect(new Set(own.map(kindOf)).size).toBe(6);
    for (const resource of own) {
      const check = definitionCheck(crds!, definitions[kindOf(resource)]!);
      check(resource.inputs);
      expect(check.errors ?? [], resource.name).toEqual([]);
    }
  });
});

describe("a route with sign-in", () => {
  let made: Recorder;
  beforeAll(async () => {
    const consoles = { hubble: { host: "hubble", groups: ["admins"] } };
    ({ made } = await createGatewayEnvironment("dev", { identity: { enabled: true, host: "auth", consoles } }));
  });

  it("is never there without it: the policy comes before the route, and goes after it", () => {
    const [policy, route] = [made.one("SecurityPolicy", "hubble"), made.one("HTTPRoute", "hubble")];
    expect(route.dependencies).toContain(policy.urn);
    expect(reaches(made, policy, route)).toBe(false);
    // Nobody says anything of it before the route is there: to wait would be for ever.
    expect(at(policy.inputs, "metadata", "annotations")).toBeUndefined();
  });

  it("has the client's Secret beside it, before it", () => {
    const policy = made.one("SecurityPolicy", "hubble");
    const name = String(at(policy.inputs, "spec", "oidc", "clientSecret", "name"));
    const beside = { name, namespace: at(policy.inputs, "metadata", "namespace") };
    const secret = made.kind("Secret").find(({ inputs }) => {
      const { name: is, namespace } = inputs["metadata"] as Data;
      return is === (beside.name as unknown) && namespace === beside.namespace;
    });
    expect(secret).toBeDefined();
    expect(reaches(made, policy, secret!)).toBe(true);
  });

  it("lets the gateway's pods reach the identity provider", () => {
    const toProvider = made
      .kind("NetworkPolicy")
      .filter(({ inputs }) => at(inputs, "metadata", "namespace") === "gateway")
      .map(({ inputs }) => String(at(inputs, "metadata", "name")));
    expect(toProvider.filter((each) => /^gateway-to-keycloak-.*-egress$/.test(each)).length).toBeGreaterThan(0);
  });
});

it("makes nothing of it when it is off", async () => {
  const { made } = await createGatewayEnvironment("dev", { gateway: { enabled: false } });
  const kinds = new Set(made.objects().map(kindOf));
  for (const kind of Object.keys(definitions)) expect(kinds).not.toContain(kind);
  expect(made.kind("Namespace").map(({ inputs }) => at(inputs, "metadata", "name"))).not.toContain("gateway");
});

it("moves ports up that nobody but root may listen on", () => {
  expect([80, 443, 1023, 1024, 5432].map(envoyPodPort)).toEqual([10080, 10443, 11023, 1024, 5432]);
});

describe("the proxies", () => {
  it("are spread and protected from two on", () => {
    const spec = (replicas: number) => envoyProxySpec({ replicas, size: "small" }).provider.kubernetes;
    expect(spec(1)).not.toHaveProperty("envoyPDB");
    expect(spec(1).envoyDeployment.pod).not.toHaveProperty("topologySpreadConstraints");
    expect(spec(2)).toMatchObject({ envoyPDB: { maxUnavailable: 1 }, envoyDeployment: { replicas: 2 } });
    expect(spec(2).envoyDeployment.pod.topologySpreadConstraints).toMatchObject([
      { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: PROXY_LABELS } },
      { topologyKey: "topology.kubernetes.io/zone" },
    ]);
  });

  it("may do nothing on their node", () => {
    const { container, pod } = envoyProxySpec({ replicas: 1, size: "small" }).provider.kubernetes.envoyDeployment;
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(container.resources.limits.memory).toBe("1024Mi");
  });

  it.each([
    [true, { optional: false }],
    [false, undefined],
  ])("read the client's address: %s", (proxyProtocol, expected) => {
    expect(clientTrafficSpec({ proxyProtocol }).proxyProtocol).toEqual(expected);
  });

  it("speak TLS 1.2 and newer", () => {
    expect(clientTrafficSpec({ proxyProtocol: true }).tls).toEqual({ minVersion: "1.2" });
  });
});

const backend = { service: "grafana", port: 3000 } as RouteArgs["backend"];

describe("a route", () => {
  it.each([
    [{}, "/", "60s"],
    [{ path: "/api", timeoutSeconds: 5 }, "/api", "5s"],
    [{ timeoutSeconds: 0 }, "/", "0s"],
  ])("%j", (more, path, request) => {
    const { rules } = routeSpec({ host: "a.example.com", backend, ...more }, "https");
    expect(rules[0]).toMatchObject({ matches: [{ path: { value: path } }], timeouts: { request } });
  });

  it("of gRPC says so by its kind", () => {
    const spec = routeSpec({ host: "a.example.com", backend, protocol: "h2c" }, "https");
    expect(spec.rules).toEqual([{ backendRefs: [expect.objectContaining({ name: "grafana", port: 3000 })] }]);
    expect(streamSpec("x", { protocol: "h2c" }).targetRefs[0]!.kind).toBe("GRPCRoute");
    if (crds !== undefined) expect(errorsOf("GRPCRoute", spec, "gateway.networking.k8s.io/v1")).toEqual([]);
  });

  it("whose answers last may be silent for long", () => {
    const spec = streamSpec("x", {});
    expect(spec.timeout.http).toEqual({ requestTimeout: "0s", streamIdleTimeout: "1h" });
    if (crds !== undefined) expect(errorsOf("BackendTrafficPolicy", spec)).toEqual([]);
  });
});

describe("sign-in", () => {
  const client = {
    issuer: "https://auth.example.com/realms/main",
    clientId: "grafana",
    secretName: "grafana-oidc",
    endpoints: {
      authorization: "https://auth.example.com/realms/main/auth",
      token: "http://keycloak.auth.svc:8080/token",
      keys: "http://keycloak.auth.svc:8080/certs",
    },
  } as unknown as OidcClient;
  const route = { host: "grafana.example.com" };
  const ready = undefined as never;

  it("sends the browser to the provider, and asks it inside the cluster", () => {
    const spec = securitySpec("grafana", route, { kind: "oidc", client });
    expect(spec).toMatchObject({
      targetRefs: [{ kind: "HTTPRoute", name: "grafana" }],
      oidc: {
        provider: {
          issuer: client.issuer,
          authorizationEndpoint: client.endpoints!.authorization,
          tokenEndpoint: client.endpoints!.token,
        },
        clientID: "grafana",
        clientSecret: { name: "grafana-oidc" },
        redirectURL: signInRedirectUri("grafana.example.com"),
      },
    });
    expect(spec).not.toHaveProperty("authorization");
    if (crds !== undefined) expect(errorsOf("SecurityPolicy", spec)).toEqual([]);
  });

  it("passes the person's token on where the backend asks for it", () => {
    expect(securitySpec("grafana", route, { kind: "oidc", client })).not.toHaveProperty("oidc.forwardAccessToken");
    const spec = securitySpec("models", route, { kind: "oidc", client, passToken: true });
    expect(spec).toMatchObject({ oidc: { forwardAccessToken: true } });
    if (crds !== undefined) expect(errorsOf("SecurityPolicy", spec)).toEqual([]);
  });

  it("lets members of the groups through, and nobody else", () => {
    const spec = securitySpec("grafana", route, { kind: "oidc", client, groups: ["admins"] });
    expect(spec).toMatchObject({
      jwt: { providers: [{ audiences: ["grafana"], remoteJWKS: { uri: client.endpoints!.keys } }] },
      authorization: {
        defaultAction: "Deny",
        rules: [{ action: "Allow", principal: { jwt: { claims: [{ name: "groups", values: ["admins"] }] } } }],
      },
    });
    const cookie = at(spec, "oidc", "cookieNames", "idToken");
    expect(at(spec, "jwt", "providers", 0, "extractFrom", "cookies")).toEqual([cookie]);
    expect(at(spec, "authorization", "rules", 0, "principal", "jwt", "provider")).toBe(
      at(spec, "jwt", "providers", 0, "name"),
    );
    if (crds !== undefined) expect(errorsOf("SecurityPolicy", spec)).toEqual([]);
  });

  it("with a password asks for the Secret's users", () => {
    const spec = securitySpec("grafana", route, { kind: "basic", secretName: "users", ready });
    expect(spec).toEqual({
      targetRefs: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: "grafana" }],
      basicAuth: { users: { name: "users" } },
    });
    if (crds !== undefined) expect(errorsOf("SecurityPolicy", spec)).toEqual([]);
  });
});
