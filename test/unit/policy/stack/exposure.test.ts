import { describe, expect, it } from "vitest";
import { certificateCovers, listenerTakes } from "../../../../policy/stack/exposure/hosts";
import {
  deployment,
  findings,
  look,
  object,
  release,
  rendered,
  statefulSet,
  subject,
  unknown,
  withException,
} from "./objects";

const gatewayGroup = "gateway.networking.k8s.io/v1";

const gateway = (listeners: object[], more: object = {}) =>
  object(gatewayGroup, "Gateway", "public", { spec: { listeners }, ...more }, "gateway");
const https = (more: object = {}) => ({
  name: "https",
  protocol: "HTTPS",
  port: 443,
  tls: { certificateRefs: [{ name: "web-tls" }] },
  ...more,
});
const certificate = (dnsNames: unknown, secretName: unknown = "web-tls") =>
  object("cert-manager.io/v1", "Certificate", "web", { spec: { secretName, dnsNames } }, "gateway");
const route = (hostnames: unknown, parent: object = {}, kind = "HTTPRoute", name = "web", rules?: object[]) =>
  object(gatewayGroup, kind, name, {
    spec: { parentRefs: [{ name: "public", namespace: "gateway", ...parent }], hostnames, rules },
  });
const ingress = (host: string, tls: object[], annotations: object = {}, name = "web") =>
  object("networking.k8s.io/v1", "Ingress", name, {
    metadata: { name, namespace: "apps", annotations },
    spec: { tls, rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix" }] } }] },
  });

describe("names of certificates and listeners", () => {
  it.each([
    ["a.example.com", "a.example.com", true],
    ["A.example.com", "a.EXAMPLE.com", true],
    ["*.example.com", "a.example.com", true],
    ["*.example.com", "example.com", false],
    ["*.example.com", "a.b.example.com", false],
    ["*.example.com", "*.example.com", true],
    ["a.example.com", "*.example.com", false],
    ["*.com", "a.com", false],
    ["*.b.example.com", "a.example.com", false],
  ])("a certificate for %s covers %s: %s", (name, host, covers) => {
    expect(certificateCovers(name, host)).toBe(covers);
  });

  it.each([
    [undefined, "a.example.com", true],
    ["a.example.com", "a.example.com", true],
    ["*.example.com", "a.b.example.com", true],
    ["*.example.com", "example.com", false],
    ["*.example.com", "aexample.com", false],
    ["a.example.com", "*.example.com", true],
    ["a.example.com", "b.example.com", false],
  ])("a listener for %s takes %s: %s", (listener, host, takes) => {
    expect(listenerTakes(listener, host)).toBe(takes);
  });
});

describe("host-covered", () => {
  const rule = "host-covered";
  const host = "app.example.com";

  it.each([
    ["listener and certificate", [gateway([https()]), certificate([host]), route([host])], []],
    ["a wildcard covers one label", [gateway([https()]), certificate(["*.example.com"]), route([host])], []],
    [
      "a wildcard does not cover two",
      [gateway([https()]), certificate(["*.example.com"]), route(["a.b.example.com"])],
      [
        "listener https of Gateway gateway/public does not cover a.b.example.com: Certificate gateway/web is for *.example.com",
      ],
    ],
    [
      "no listener takes the host",
      [gateway([https({ hostname: "*.other.com" })]), certificate([host]), route([host])],
      ["no listener of Gateway gateway/public takes app.example.com"],
    ],
    [
      "the listener that the route names",
      [
        gateway([https({ hostname: host }), https({ name: "b", hostname: "b.example.com" })]),
        certificate([host]),
        route([host], { sectionName: "b" }),
      ],
      ["no listener of Gateway gateway/public takes app.example.com"],
    ],
    [
      "plain HTTP alone",
      [gateway([{ name: "http", protocol: "HTTP", port: 80 }]), route([host])],
      ["Gateway gateway/public has no TLS listener for app.example.com"],
    ],
    [
      "a redirect on the plain listener",
      [gateway([{ name: "http", protocol: "HTTP", port: 80 }]), route([host], { sectionName: "http" })],
      [],
    ],
    [
      "a Secret that nothing makes",
      [gateway([https()]), route([host])],
      [
        "listener https of Gateway gateway/public does not cover app.example.com: nothing makes the Secret gateway/web-tls",
      ],
    ],
    [
      "a Secret of somebody's own",
      [gateway([https()]), object("v1", "Secret", "web-tls", {}, "gateway"), route([host])],
      [],
    ],
    [
      "passthrough",
      [gateway([{ name: "tls", protocol: "TLS", tls: { mode: "Passthrough" } }]), route([host], {}, "TLSRoute")],
      [],
    ],
    [
      "cert-manager's own certificate of the listener",
      [
        gateway([https({ hostname: "*.example.com" })], {
          metadata: { name: "public", namespace: "gateway", annotations: { "cert-manager.io/cluster-issuer": "acme" } },
        }),
        route(["a.b.example.com"]),
      ],
      [
        "the certificate of listener https of Gateway gateway/public is for *.example.com, which does not cover a.b.example.com",
      ],
    ],
    ["a gateway of another stack", [route([host])], []],
    [
      "one of two listeners is enough",
      [
        gateway([https({ hostname: host, tls: { certificateRefs: [{ name: "none" }] } }), https({ name: "b" })]),
        certificate([host]),
        route([host]),
      ],
      [],
    ],
    ["names that are not known yet", [gateway([https()]), certificate(unknown), route([host])], []],
    ["a route that is not known yet", [gateway([https()]), route(unknown)], []],
    ["a Secret's name that is not known yet", [gateway([https()]), certificate([host], unknown), route([host])], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it.each([
    [
      "certificate",
      [
        ingress(host, [{ hosts: [host], secretName: "tls" }]),
        object("cert-manager.io/v1", "Certificate", "c", { spec: { secretName: "tls", dnsNames: [host] } }),
      ],
      [],
    ],
    [
      "a certificate for another host",
      [
        ingress(host, [{ hosts: [host], secretName: "tls" }]),
        object("cert-manager.io/v1", "Certificate", "c", { spec: { secretName: "tls", dnsNames: ["b.example.com"] } }),
      ],
      ["no certificate covers app.example.com: Certificate apps/c is for b.example.com"],
    ],
    [
      "nothing",
      [ingress(host, [{ hosts: [host], secretName: "tls" }])],
      ["no certificate covers app.example.com: nothing makes the Secret apps/tls"],
    ],
    [
      "issued by annotation",
      [ingress(host, [{ hosts: [host], secretName: "tls" }], { "cert-manager.io/issuer": "acme" })],
      [],
    ],
    [
      "a wildcard in spec.tls",
      [ingress(host, [{ hosts: ["*.example.com"], secretName: "tls" }]), object("v1", "Secret", "tls")],
      [],
    ],
  ])("Ingress: %s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "web", [
      ingress(host, [{ hosts: [host], secretName: "tls" }]),
    ]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("route-unique", () => {
  const rule = "route-unique";
  const path = (value: string, more: object = {}) => [{ matches: [{ path: { type: "PathPrefix", value } }], ...more }];
  const two = (one: object[] | undefined, other: object[] | undefined, parents: object[] = [{}, {}]) => [
    gateway([https(), { name: "http", protocol: "HTTP", port: 80 }]),
    route(["a.example"], parents[0], "HTTPRoute", "one", one),
    route(["a.example"], parents[1], "HTTPRoute", "two", other),
  ];

  it.each([
    ["another path", two(path("/a"), path("/b")), []],
    ["the same path on both listeners", two(path("/a"), path("/a")), 2],
    ["no match is the path /", two(undefined, path("/"), [{ sectionName: "https" }, { sectionName: "https" }]), 1],
    ["the redirect beside it", two(path("/a"), path("/a"), [{ sectionName: "http" }, { sectionName: "https" }]), []],
    ["all listeners are each of them", two(path("/a"), path("/a"), [{}, { sectionName: "https" }]), 1],
    [
      "another header",
      two(path("/a"), [
        { matches: [{ path: { type: "PathPrefix", value: "/a" }, headers: [{ name: "x", value: "1" }] }] },
      ]),
      [],
    ],
    ["another host", [route(["a.example"], {}, "HTTPRoute", "one"), route(["b.example"], {}, "HTTPRoute", "two")], []],
    [
      "another gateway",
      [route(["a.example"], {}, "HTTPRoute", "one"), route(["a.example"], { name: "internal" }, "HTTPRoute", "two")],
      [],
    ],
    ["twice in one route", [route(["a.example"], {}, "HTTPRoute", "one", [...path("/a"), ...path("/a")])], []],
    ["two Ingresses", [ingress("a.example", [], {}, "one"), ingress("a.example", [], {}, "two")], 1],
    [
      "a host that is not known yet",
      [route(unknown, {}, "HTTPRoute", "one"), route(["a.example"], {}, "HTTPRoute", "two")],
      [],
    ],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toHaveLength(typeof expected === "number" ? expected : 0);
  });

  it("names the other one; a reviewed exception passes, until it expires", async () => {
    const resources = [ingress("a.example", [], {}, "one"), ingress("a.example", [], {}, "two")];
    expect(await findings(rule, resources)).toEqual(["a.example/ is taken by Ingress apps/one too"]);
    const { valid, expired } = await withException(rule, "two", resources);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("service-selects", () => {
  const rule = "service-selects";
  const service = (app: unknown, ports: object[] = [], more: object = {}) =>
    object("v1", "Service", "web", { spec: { selector: { app }, ports, ...more } });
  const serving = { container: { ports: [{ name: "http", containerPort: 80 }] } };

  it.each([
    ["pods with the port", [deployment("web", serving), service("web", [{ port: 80, targetPort: "http" }])], []],
    [
      "a port that is not theirs",
      [deployment("web", serving), service("web", [{ port: 80, targetPort: "https" }])],
      ["no container of its pods has a port named https"],
    ],
    [
      "a number needs no declaration",
      [deployment("web", serving), service("web", [{ port: 80, targetPort: 8080 }])],
      [],
    ],
    ["no pods", [deployment("web"), service("wbe")], ["it selects no pods: app=wbe"]],
    [
      "pods of another namespace",
      [deployment("web", { namespace: "db" }), service("web")],
      ["it selects no pods: app=web"],
    ],
    ["without a selector", [object("v1", "Service", "web", { spec: {} })], []],
    ["a name outside", [service("x", [], { type: "ExternalName" })], []],
    [
      "an operator's pods",
      [
        object("postgresql.cnpg.io/v1", "Cluster", "pg", { spec: {} }),
        object("v1", "Service", "s", {
          spec: { selector: { "cnpg.io/cluster": "pg" }, ports: [{ targetPort: "any" }] },
        }),
      ],
      [],
    ],
    ["what an operator nobody knows may make", [object("acme.example/v1", "Thing", "x"), service("wbe")], []],
    [
      "what a Gateway's controller makes",
      [object(gatewayGroup, "Gateway", "public", { spec: {} }), service("envoy")],
      [],
    ],
    ["a selector that is not known yet", [service(unknown)], []],
    ["pods whose labels are not known yet", [deployment("web", { labels: unknown }), service("web")], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("leaves a chart's own Services, and the system's namespace, alone", async () => {
    const spec = { selector: { app: "x" } };
    expect(look(rule, [rendered("v1", "Service", "web", { spec })]).messages).toEqual([]);
    expect(await findings(rule, [object("v1", "Service", "etcd", { spec }, "kube-system")])).toEqual([]);
  });

  it("does not know what a chart brings that was not rendered", () => {
    const lonely = subject("kubernetes:core/v1:Service", "web", {
      metadata: { name: "web", namespace: "apps" },
      spec: { selector: { app: "x" } },
    });
    expect(look(rule, [lonely, release("chart")], {}, ["chart"]).messages).toEqual([]);
    expect(look(rule, [lonely, release("chart", "db")], {}, ["chart"]).messages).toHaveLength(1);
    expect(look(rule, [lonely], {}, ["a release that is not in the list"]).messages).toEqual([]);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "web", [service("wbe")]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("service-distinct", () => {
  const rule = "service-distinct";
  const service = (name: string, spec: object) =>
    object("v1", "Service", name, { spec: { selector: { app: "web", tier: "a" }, ports: [{ port: 80 }], ...spec } });

  it.each([
    ["headless beside it", [service("one", {}), service("two", { clusterIP: "None" })], []],
    [
      "the same",
      [service("one", {}), service("two", { selector: { tier: "a", app: "web" } })],
      ["it is for the same pods and port as Service apps/one"],
    ],
    ["another port", [service("one", {}), service("two", { ports: [{ port: 81 }] })], []],
    ["another selector", [service("one", {}), service("two", { selector: { app: "web" } })], []],
    ["for the outside", [service("one", {}), service("two", { type: "LoadBalancer" })], []],
    ["not known yet", [service("one", {}), service("two", { selector: unknown })], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, [statefulSet("web"), ...resources])).toEqual(expected);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "two", [service("one", {}), service("two", {})]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});
