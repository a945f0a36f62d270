import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { caddyfile } from "../../../../../components/platform/dns/caddyfile";
import { externalDnsValues, type RecordFacts } from "../../../../../components/platform/dns/records-values";
import { corefile } from "../../../../../components/platform/dns/resolver";
import { tailscaleValues } from "../../../../../components/platform/dns/tailscale-specs";
import { tunnelConfig } from "../../../../../components/platform/dns/tunnel";

const facts: RecordFacts = {
  provider: "hetzner",
  zone: "orrery.dev",
  clusterName: "demo",
  policy: "upsert-only",
  routes: "gateway",
  tokenSecret: { name: "dns-api-token", key: "token" },
};

describe("values of external-dns", () => {
  it("mark the records as this cluster's, in this zone", () => {
    expect(externalDnsValues(facts)).toMatchObject({
      policy: "upsert-only",
      registry: "txt",
      txtOwnerId: "demo",
      txtPrefix: "orrery-%{record_type}.",
      domainFilters: ["orrery.dev"],
    });
    expect(externalDnsValues({ ...facts, policy: "sync" })).toMatchObject({ policy: "sync" });
  });

  it.each([
    ["gateway", ["gateway-httproute", "gateway-grpcroute", "crd"]],
    ["ingress", ["ingress", "crd"]],
  ] as const)("watch what a gateway with routes of the kind %s has", (routes, sources) => {
    expect(externalDnsValues({ ...facts, routes })["sources"]).toEqual(sources);
  });

  it("for Hetzner run the provider beside it, with the token from the Secret", () => {
    const values = externalDnsValues(facts);
    expect(values).toMatchObject({
      provider: {
        name: "webhook",
        webhook: {
          image: { repository: "docker.io/hetzner/external-dns-hetzner-webhook" },
          env: [{ name: "HETZNER_TOKEN", valueFrom: { secretKeyRef: { name: "dns-api-token", key: "token" } } }],
          securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ["ALL"] } },
        },
      },
    });
    expect(values).not.toHaveProperty("env");
  });

  it("for Cloudflare need no second program", () => {
    const values = externalDnsValues({ ...facts, provider: "cloudflare" });
    expect(values).toMatchObject({
      provider: { name: "cloudflare" },
      env: [{ name: "CF_API_TOKEN", valueFrom: { secretKeyRef: { name: "dns-api-token", key: "token" } } }],
    });
    expect(values).not.toHaveProperty("extraArgs");
  });

  it("point at the tunnel instead of the load balancer, at Cloudflare only", () => {
    const tunnelHost = "id.cfargotunnel.com";
    expect(externalDnsValues({ ...facts, provider: "cloudflare", tunnelHost })["extraArgs"]).toEqual([
      "--default-targets=id.cfargotunnel.com",
      "--force-default-targets",
      "--cloudflare-proxied",
    ]);
    expect(externalDnsValues({ ...facts, tunnelHost })).not.toHaveProperty("extraArgs");
  });
});

describe("values of the Tailscale operator", () => {
  it("hold no credentials, and expose nothing", () => {
    const values = tailscaleValues({ clusterName: "demo", tag: "tag:demo" });
    expect(values).not.toHaveProperty("oauth");
    expect(values).toMatchObject({
      operatorConfig: { hostname: "demo-operator" },
      proxyConfig: { defaultTags: "tag:demo", defaultProxyClass: "orrery" },
      ingressClass: { enabled: false },
    });
  });
});

it("the tunnel's configuration ends with a rule for every name, as cloudflared wants", () => {
  const { ingress } = parse(stringify(tunnelConfig("10.0.0.5", false))) as { ingress: object[] };
  expect(ingress.at(-1)).not.toHaveProperty("hostname");
});

it("the resolver answers every name of the domain with the address, and other questions with nothing", () => {
  const text = corefile({ domain: "demo.orrery.dev", gatewayAddress: "10.0.0.5" });
  expect(text).toMatch(/^demo\.orrery\.dev:53 \{/);
  expect(text).toContain('answer "{{ .Name }} 60 IN A 10.0.0.5"');
  expect(text.indexOf("template IN A ")).toBeLessThan(text.indexOf("template IN ANY"));
});

describe("Caddyfile", () => {
  it("is empty without hosts", () => {
    expect(caddyfile({ hosts: [] })).toBe("");
  });

  it("has a site for each host, and the account's address once", () => {
    const text = caddyfile({
      email: "ops@orrery.dev",
      hosts: [
        { host: "files.orrery.dev", upstream: "http://10.0.0.20:8080" },
        { host: "nas.orrery.dev", upstream: "https://10.0.0.21" },
      ],
    });
    expect(text).toBe(`{
	email ops@orrery.dev
}

files.orrery.dev {
	encode zstd gzip
	header Strict-Transport-Security max-age=31536000
	reverse_proxy http://10.0.0.20:8080
}

nas.orrery.dev {
	encode zstd gzip
	header Strict-Transport-Security max-age=31536000
	reverse_proxy https://10.0.0.21 {
		header_up Host {upstream_hostport}
	}
}
`);
  });
});
