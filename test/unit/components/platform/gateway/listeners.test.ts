import { describe, expect, it } from "vitest";
import {
  certificatesOf,
  covers,
  type ListenerFacts,
  listenerFor,
  listenersOf,
  portsOf,
} from "../../../../../components/platform/gateway/listeners";

const facts: ListenerFacts = {
  domain: "example.com",
  certificates: "wildcard",
  hosts: ["grafana.example.com", "docs.example.org", "grafana.example.com"],
  tcpPorts: [7687, 5432, 5432],
  http: true,
};
const eachHost: ListenerFacts = { ...facts, certificates: "each-host" };

describe("listeners", () => {
  it("are the domain and all names below it, with one certificate", () => {
    expect(listenersOf(facts)).toEqual([
      { name: "http", port: 80, protocol: "HTTP" },
      { name: "https", port: 443, protocol: "HTTPS", hostname: "*.example.com", certificate: "example-com-tls" },
      { name: "https-domain", port: 443, protocol: "HTTPS", hostname: "example.com", certificate: "example-com-tls" },
      { name: "tcp-5432", port: 5432, protocol: "TCP" },
      { name: "tcp-7687", port: 7687, protocol: "TCP" },
    ]);
    expect(certificatesOf(facts)).toEqual([
      { secretName: "example-com-tls", dnsNames: ["example.com", "*.example.com"] },
    ]);
  });

  it("are one for each host with a certificate of its own", () => {
    const https = listenersOf(eachHost).filter(({ protocol }) => protocol === "HTTPS");
    expect(https.map(({ name, hostname, certificate }) => [name, hostname, certificate])).toEqual([
      ["https-docs-example-org", "docs.example.org", "docs-example-org-tls"],
      ["https-grafana-example-com", "grafana.example.com", "grafana-example-com-tls"],
    ]);
    expect(certificatesOf(eachHost).map(({ dnsNames }) => dnsNames)).toEqual([
      ["docs.example.org"],
      ["grafana.example.com"],
    ]);
  });

  it("answer over plain HTTP only where that is wanted", () => {
    expect(listenersOf({ ...facts, http: false }).some(({ port }) => port === 80)).toBe(false);
  });

  it("have names that differ, and every listener's certificate is made", () => {
    for (const each of [facts, eachHost]) {
      const listeners = listenersOf(each);
      expect(new Set(listeners.map(({ name }) => name)).size).toBe(listeners.length);
      const made = certificatesOf(each).map(({ secretName }) => secretName);
      for (const { certificate } of listeners) if (certificate !== undefined) expect(made).toContain(certificate);
    }
  });

  it("take each port once to the load balancer", () => {
    expect(portsOf(listenersOf(facts))).toEqual([
      { name: "http", port: 80 },
      { name: "https", port: 443 },
      { name: "tcp-5432", port: 5432 },
      { name: "tcp-7687", port: 7687 },
    ]);
  });
});

describe("the listener of a host", () => {
  it.each([
    ["grafana.example.com", "https"],
    ["example.com", "https-domain"],
    ["a.b.example.com", undefined],
    ["docs.example.org", undefined],
  ])("%s under a wildcard: %s", (host, name) => {
    expect(listenerFor(listenersOf(facts), host)?.name).toBe(name);
  });

  it.each([
    ["docs.example.org", "https-docs-example-org"],
    ["other.example.com", undefined],
  ])("%s with a certificate for each host: %s", (host, name) => {
    expect(listenerFor(listenersOf(eachHost), host)?.name).toBe(name);
  });
});

it.each([
  ["*.example.com", "a.example.com", true],
  ["*.example.com", "a.b.example.com", false],
  ["*.example.com", "example.com", false],
  ["*.example.com", ".example.com", false],
  ["*.example.com", "aexample.com", false],
  ["example.com", "example.com", true],
  ["example.com", "a.example.com", false],
])("%s covers %s: %s", (pattern, host, expected) => {
  expect(covers(pattern, host)).toBe(expected);
});
