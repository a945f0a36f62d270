import { beforeAll, describe, expect, it } from "vitest";
import { IstioDataPlane } from "../../../../../components/platform/gateway";
import { istiodValues } from "../../../../../components/platform/gateway/istio/values";
import { at, type Recorder } from "../../recorder";
import { gatewayWith, type Wish } from "./kinds";

const gateway = (wish: Wish, mesh = false) =>
  gatewayWith((args) => new IstioDataPlane("istio", { ...args, kubeconfig: "kubeconfig", mesh }), wish);
const names = (made: Recorder) =>
  made
    .releases()
    .map(({ name }) => name)
    .sort();
const release = (made: Recorder, name: string) => made.releases().find((each) => each.name === name)!;
const overlays = (made: Recorder) => at(release(made, "istiod").inputs, "values", "gatewayClasses", "orrery-istio");

describe("a gateway of Istio", () => {
  let made: Recorder;
  beforeAll(async () => {
    made = await gateway({
      use: (to, backend) => to.route("flows", { host: "flows.example.com", backend, timeoutSeconds: 300 }),
    });
  });

  it("needs the control plane alone", () => {
    expect(names(made)).toEqual(["istio-base", "istiod"]);
    for (const { inputs } of made.releases()) expect(inputs["namespace"]).toBe("istio-system");
    expect(made.kind("PeerAuthentication")).toEqual([]);
  });

  it("has the definitions of Gateway API before the control plane starts", () => {
    const definitions = made.component("orrery:kit:ChartDefinitions", "istio-gateway-api");
    const command = made.resources.find(({ parent }) => parent === definitions.urn)!;
    expect(command.inputs["environment"]).toMatchObject({ CHART: "oci://docker.io/envoyproxy/gateway-helm" });
    const chart = made.component("orrery:kit:Chart", "istiod");
    expect([...chart.dependencies, ...release(made, "istiod").dependencies]).toContain(command.urn);
  });

  it("has a class of its own, which comes after the control plane", () => {
    const gatewayClass = made.one("GatewayClass", "orrery-istio");
    expect(gatewayClass.inputs["spec"]).toEqual({ controllerName: "istio.io/gateway-controller" });
    expect(gatewayClass.dependencies).toContain(release(made, "istiod").urn);
    const listening = made.one("Gateway", "gateway").inputs;
    expect(at(listening, "spec", "gatewayClassName")).toBe("orrery-istio");
    expect(at(listening, "metadata", "annotations")).toHaveProperty("pulumi.com/waitFor", "condition=Programmed");
  });

  it("is found by the load balancer, and has none of its own", () => {
    const balancer = made.one("Service", "gateway-load-balancer").inputs["spec"];
    expect(at(balancer, "selector")).toEqual({ "gateway.networking.k8s.io/gateway-name": "gateway" });
    expect(at(balancer, "ports")).toMatchObject([
      { port: 80, targetPort: 80 },
      { port: 443, targetPort: 443 },
    ]);
    expect(at(overlays(made), "service", "spec", "type")).toBe("ClusterIP");
  });

  it("runs as many pods as asked for, spread and replaced one by one", () => {
    expect(at(overlays(made), "deployment", "spec", "replicas")).toBe(2);
    const pods = at(overlays(made), "deployment", "spec", "template", "spec");
    expect(at(pods, "containers")).toMatchObject([
      { name: "istio-proxy", resources: { limits: { memory: "1024Mi" } } },
    ]);
    expect(at(pods, "topologySpreadConstraints", 0, "labelSelector", "matchLabels")).toEqual({
      "gateway.networking.k8s.io/gateway-name": "gateway",
    });
    expect(at(overlays(made), "podDisruptionBudget", "spec", "maxUnavailable")).toBe(1);
  });

  it("opens the ways to and from the control plane", () => {
    expect(made.one("CiliumNetworkPolicy", "istiod-api-server").inputs["spec"]).toMatchObject({
      endpointSelector: { matchLabels: { istio: "pilot" } },
      ingress: [{ toPorts: [{ ports: [{ port: "15017" }] }] }],
    });
    const xds = made.one("NetworkPolicy", "gateway-to-istiod-xds-egress").inputs;
    expect(at(xds, "metadata", "namespace")).toBe("gateway");
    expect(at(xds, "spec", "egress", 0, "ports")).toEqual([{ port: 15012, protocol: "TCP" }]);
    const world = made.one("CiliumNetworkPolicy", "gateway-world").inputs["spec"];
    expect(at(world, "ingress", 0, "toPorts", 0, "ports")).toEqual([
      { port: "80", protocol: "TCP" },
      { port: "443", protocol: "TCP" },
    ]);
  });

  it("makes HTTPRoutes, and the redirect", () => {
    const route = made.one("HTTPRoute", "flows").inputs;
    expect(at(route, "spec", "rules", 0, "timeouts")).toEqual({ request: "300s" });
    expect(at(route, "spec", "parentRefs", 0, "sectionName")).toBe("https");
    expect(made.one("HTTPRoute", "redirect").dependencies).toContain(made.one("Gateway", "gateway").urn);
  });
});

describe("ports of other protocols", () => {
  it("go by Istio's own API to the same pods", async () => {
    const made = await gateway({
      listen: { tcpPorts: [5432] },
      use: (to, backend) => to.tcpRoute("database", { port: 5432, backend }),
    });
    const own = made.one("Gateway", "tcp-ports");
    expect(own.inputs).toMatchObject({
      apiVersion: "networking.istio.io/v1",
      metadata: { namespace: "gateway" },
      spec: {
        selector: { "gateway.networking.k8s.io/gateway-name": "gateway" },
        servers: [{ port: { number: 5432, protocol: "TCP" }, hosts: ["*"] }],
      },
    });
    // Nothing says of itself when it is ready; the Gateway of the hosts does, and comes after it.
    expect(own.inputs["metadata"]).not.toHaveProperty("annotations");
    const hosts = made.one("Gateway", "gateway");
    expect(hosts.dependencies).toContain(own.urn);
    const protocols = (at(hosts.inputs, "spec", "listeners") as { protocol: string }[]).map(({ protocol }) => protocol);
    expect(protocols).not.toContain("TCP");
    expect(made.one("VirtualService", "database").inputs).toMatchObject({
      metadata: { namespace: "apps" },
      spec: {
        gateways: ["gateway/tcp-ports"],
        tcp: [
          {
            match: [{ port: 5432 }],
            route: [{ destination: { host: "flows.apps.svc.cluster.local", port: { number: 8080 } } }],
          },
        ],
      },
    });
    const world = made.one("CiliumNetworkPolicy", "gateway-world").inputs["spec"];
    expect(JSON.stringify(world)).toContain('"port":"5432"');
  });

  it("need nothing where there are none", async () => {
    const made = await gateway({});
    expect(made.kind("Gateway").map(({ inputs }) => at(inputs, "metadata", "name"))).toEqual(["gateway"]);
  });
});

describe("sign-in at Istio's gateway", () => {
  it("is refused with the way out", async () => {
    const made = gateway({
      use: (to, backend) =>
        to.route("flows", {
          host: "flows.example.com",
          backend,
          signIn: { kind: "basic", secretName: "people", ready: backend.namespace },
        }),
    });
    await expect(made).rejects.toThrow("Set orrery:gateway.kind to envoy or nginx");
  });
});

describe("Istio's mesh", () => {
  let made: Recorder;
  beforeAll(async () => {
    made = await gateway({}, true);
  });

  it("runs an agent and a proxy on each node, after their ways are open", () => {
    expect(names(made)).toEqual(["istio-base", "istio-cni", "istiod", "ztunnel"]);
    expect(at(release(made, "istio-cni").inputs, "values", "ambient", "enabled")).toBe(true);
    const path = made.one("NetworkPolicy", "ztunnel-to-istiod-xds-egress");
    const agents = made.one("CiliumNetworkPolicy", "istio-cni-api-server");
    for (const name of ["istio-cni", "ztunnel"]) {
      const chart = made.component("orrery:kit:Chart", name);
      const dependencies = [...chart.dependencies, ...release(made, name).dependencies];
      expect(dependencies).toContain(path.urn);
      expect(dependencies).toContain(agents.urn);
    }
  });

  it("lets nobody speak in plain text with who is in it", () => {
    expect(made.one("PeerAuthentication", "default").inputs).toMatchObject({
      metadata: { namespace: "istio-system" },
      spec: { mtls: { mode: "STRICT" } },
    });
  });

  it("adds the tunnel and the kubelet to the namespaces' policies, and denies nothing by itself", () => {
    const specs = made.one("CiliumClusterwideNetworkPolicy", "istio-mesh").inputs["specs"] as unknown as object[];
    const inMesh = { matchLabels: { "io.cilium.k8s.namespace.labels.istio.io/dataplane-mode": "ambient" } };
    expect(specs).toHaveLength(2);
    for (const spec of specs) expect(spec).toHaveProperty("enableDefaultDeny", { ingress: false, egress: false });
    expect(specs[0]).toMatchObject({ endpointSelector: inMesh, egress: [{ toEndpoints: [inMesh] }] });
    expect(at(specs[0], "ingress", 1)).toEqual({ fromCIDR: ["169.254.7.127/32"] });
    const ports = specs.map((spec) => at(spec, "egress", 0, "toPorts", 0, "ports"));
    expect(ports).toEqual([[{ port: "15008", protocol: "TCP" }], [{ port: "15008", protocol: "TCP" }]]);
  });

  it("is told to the control plane and to the gateway's pods", () => {
    const values = release(made, "istiod").inputs["values"];
    expect(at(values, "env", "PILOT_ENABLE_AMBIENT")).toBe("true");
    expect(at(values, "meshConfig", "defaultConfig", "proxyMetadata")).toEqual({ ISTIO_META_ENABLE_HBONE: "true" });
  });
});

describe("values of istiod", () => {
  const args = { environment: "dev", replicas: 1, size: "small", proxyProtocol: false, mesh: false } as const;

  it("take the PROXY protocol only where the load balancer speaks it", () => {
    expect(istiodValues(args)["meshConfig"]).toEqual({ defaultConfig: {} });
    expect(istiodValues({ ...args, proxyProtocol: true })["meshConfig"]).toEqual({
      defaultConfig: { gatewayTopology: { proxyProtocol: {} } },
    });
  });

  it("have a budget and a spread only for several pods", () => {
    const one = at(istiodValues(args), "gatewayClasses", "orrery-istio");
    expect(one).not.toHaveProperty("podDisruptionBudget");
    expect(at(one, "deployment", "spec", "template", "spec")).not.toHaveProperty("topologySpreadConstraints");
    expect(istiodValues(args)).toMatchObject({ replicaCount: 1, autoscaleEnabled: false });
    expect(istiodValues({ ...args, environment: "prod" })["replicaCount"]).toBe(2);
  });
});
