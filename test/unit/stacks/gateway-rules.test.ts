import { describe, expect, it } from "vitest";
import type { Settings } from "../../../stacks/settings";
import { fullHost, listenFacts, plannedRoutes, plannedTcpRoutes } from "../../../stacks/settings/routes";
import { tcpPortsTwice, tooManyHosts, tooManyPorts } from "../../../stacks/settings/rules/gateway";
import { testSettings } from "../components/environment";

describe("rules that need more than there is", () => {
  it("finds the second route of a port, and names the first", () => {
    const routes = [
      { port: 5432, setting: "services.postgres.gatewayPort" },
      { port: 7687, setting: "services.neo4j.gatewayPort" },
      { port: 5432, setting: "services.other.gatewayPort" },
    ];
    expect(tcpPortsTwice(routes)).toMatchObject([
      { path: "services.other.gatewayPort", value: 5432, message: expect.stringContaining("services.postgres") },
    ]);
    expect(tcpPortsTwice(routes.slice(0, 2))).toEqual([]);
  });

  it("counts each host once, up to what a Gateway takes", () => {
    const hosts = Array.from({ length: 60 }, (_, index) => `h${index}.example.com`);
    expect(tooManyHosts([...hosts, ...hosts])).toEqual([]);
    expect(tooManyHosts([...hosts, "one-more.example.com"])).toMatchObject([{ path: "certificates.mode" }]);
  });

  it.each([
    ["lb11", [80, 443, 1, 2, 3], undefined],
    ["lb11", [80, 443, 1, 2, 3, 3], undefined],
    ["lb11", [80, 443, 1, 2, 3, 4], "lb21, lb31"],
    ["lb31", Array.from({ length: 26 }, (_, port) => port + 1), "at most 25 ports"],
    // A type that is not known has a rule of its own.
    ["lb99", [80, 443, 1, 2, 3, 4], undefined],
  ])("%s with the ports %j", (type, ports, allowed) => {
    expect(tooManyPorts(type, ports)[0]?.allowed).toBe(allowed);
  });
});

describe("planned routes", () => {
  const settings: Settings = testSettings("dev");

  it("are those whose row has a host or a port, in full", () => {
    const rows = [
      () => ({ host: "grafana", setting: "a.host", signIn: true }),
      () => ({ host: "docs.example.org", setting: "b.host", path: "/v1" }),
      () => ({ host: undefined, setting: "c.host" }),
      () => undefined,
    ];
    expect(plannedRoutes(settings, rows)).toEqual([
      { host: "grafana.test.example.com", path: "/", setting: "a.host", signIn: true },
      { host: "docs.example.org", path: "/v1", setting: "b.host", signIn: false },
    ]);
    const ports = [() => ({ port: 5432, setting: "a" }), () => ({ port: undefined, setting: "b" }), () => undefined];
    expect(plannedTcpRoutes(settings, ports)).toEqual([{ port: 5432, setting: "a" }]);
  });

  it("are what the gateway listens on", () => {
    const { services } = settings;
    const exposed = {
      ...settings,
      services: {
        ...services,
        postgres: { ...services.postgres, gatewayPort: 5432 },
        qdrant: { ...services.qdrant, host: "vectors" },
      },
    };
    expect(listenFacts(exposed)).toEqual({
      domain: "test.example.com",
      certificates: "wildcard",
      hosts: ["vectors.test.example.com"],
      tcpPorts: [5432],
      http: true,
    });
  });

  it.each([
    [false, "internal", "dns01", false],
    [false, "letsencrypt", "http01", true],
    // The internal authority asks nobody.
    [false, "internal", "http01", false],
    [true, "internal", "dns01", true],
  ] as const)("plain HTTP: redirect %s, issuer %s, challenge %s: %s", (redirectHttp, issuer, challenge, http) => {
    const changed = {
      ...settings,
      gateway: { ...settings.gateway, redirectHttp },
      certificates: { ...settings.certificates, issuer, challenge },
    };
    expect(listenFacts(changed).http).toBe(http);
  });

  it.each([
    ["grafana", "grafana.example.com"],
    ["grafana.example.org", "grafana.example.org"],
  ])("%s is %s", (host, full) => {
    expect(fullHost(host, "example.com")).toBe(full);
  });
});
