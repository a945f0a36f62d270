import { describe, expect, it } from "vitest";
import type { SettingsInput } from "../../../../stacks/settings";
import { isInZone, isReservedName } from "../../../../stacks/settings/dns";
import { Settings } from "../../../../stacks/settings/schema";
import { neededSecrets } from "../../../../stacks/settings/secrets";
import { edgeCaddyfile } from "../../../../stacks/systems/dns";
import { createEnvironment } from "../../components/environment";
import { at, type Recorder } from "../../components/recorder";

const domain = "demo.orrery.dev";
const tunnelId = "6ff42ae2-765d-4adf-8112-31c55c1551ef";
const values = {
  "dns-api-token": "token of dns",
  "cloudflared-token": "token of the tunnel",
  "tailscale-client-id": "id",
  "tailscale-client-secret": "secret of the client",
};
const acme = { enabled: true, issuer: "letsencrypt", email: "ops@orrery.dev" } as const;

function settings(input: Partial<SettingsInput>): Settings {
  return Settings.parse({
    environment: "dev",
    cluster: { name: "demo", domain },
    access: { adminCidrs: ["203.0.113.7/32"] },
    secrets: { values },
    ...input,
  });
}

const create = async (input: Partial<SettingsInput>): Promise<Recorder> =>
  (await createEnvironment(settings(input))).made;
const domains = (made: Recorder) => made.kind("Namespace").map(({ inputs }) => at(inputs, "metadata", "name"));
const kinds = (made: Recorder) => new Set(made.objects().map(({ inputs }) => String(inputs["kind"])));
const solver = (made: Recorder) =>
  at(made.one("ClusterIssuer", "letsencrypt").inputs, "spec", "acme", "solvers", 0) as object;

describe("what is off", () => {
  it("does not exist", async () => {
    const made = await create({});
    expect(domains(made)).not.toEqual(expect.arrayContaining(["cert-manager"]));
    for (const kind of ["ClusterIssuer", "Certificate", "DNSEndpoint", "Connector"]) {
      expect(kinds(made)).not.toContain(kind);
    }
  });
});

describe("certificates", () => {
  it("of the internal authority need no provider and no gateway", async () => {
    const made = await create({ certificates: { enabled: true, internal: { generations: [3] } } });
    expect(made.kind("ClusterIssuer").map(({ inputs }) => at(inputs, "metadata", "name"))).toEqual(["internal-3"]);
  });

  it("are proved in the provider's zone, which may be above the domain", async () => {
    const dns = { provider: "cloudflare", zone: "orrery.dev" } as const;
    expect(solver(await create({ certificates: acme, dns }))).toMatchObject({
      selector: { dnsZones: ["orrery.dev"] },
      dns01: { cloudflare: {} },
    });
    expect(solver(await create({ certificates: acme, dns: { provider: "hetzner" } }))).toMatchObject({
      selector: { dnsZones: [domain] },
      dns01: { webhook: { solverName: "hetzner" } },
    });
  });

  it.each([
    ["envoy", "gatewayHTTPRoute"],
    ["nginx", "ingress"],
  ] as const)("are proved over HTTP through %s", async (kind, way) => {
    const certificates = { ...acme, challenge: "http01", mode: "each-host" } as const;
    // The gateway itself is not what this is about.
    const made = await create({ certificates, gateway: { enabled: false, kind } });
    expect(solver(made)).toHaveProperty(`http01.${way}`);
  });
});

describe("ways in", () => {
  const gateway = { enabled: true } as const;

  it("records point to the load balancer, or to the tunnel", async () => {
    const records = { enabled: true } as const;
    const target = async (dns: SettingsInput["dns"]) =>
      at(
        (await create({ certificates: { enabled: true }, gateway, dns })).one("DNSEndpoint", "domain").inputs,
        "spec",
        "endpoints",
        0,
        "recordType",
      );
    expect(await target({ provider: "hetzner", records })).toBe("A");
    expect(await target({ provider: "cloudflare", records, tunnel: { enabled: true, id: tunnelId } })).toBe("CNAME");
  });

  it("the tunnel calls the load balancer's private address, and trusts whoever signs for the gateway", async () => {
    const tunnel = { tunnel: { enabled: true } };
    const config = async (certificates: SettingsInput["certificates"]) =>
      String(
        at(
          (await create({ certificates, gateway, dns: { provider: "cloudflare", ...tunnel } })).one(
            "ConfigMap",
            "cloudflared",
          ).inputs,
          "data",
          "config.yaml",
        ),
      );
    const internal = await config({ enabled: true });
    expect(internal).toMatch(/https:\/\/10\.0\.\d+\.\d+:443/);
    expect(internal).toContain("caPool");
    expect(await config(acme)).not.toContain("caPool");
  });

  it("the tailnet reaches the nodes, and the resolver where there is one", async () => {
    const routes = async (tailscale: NonNullable<SettingsInput["dns"]>["tailscale"]) =>
      at(
        (await create({ certificates: { enabled: true }, gateway, dns: { tailscale } })).one("Connector", "demo")
          .inputs,
        "spec",
        "subnetRouter",
        "advertiseRoutes",
      );
    const nodes = settings({}).network.nodeCidr;
    expect(await routes({ enabled: true })).toEqual([nodes]);
    expect(await routes({ enabled: true, resolver: true })).toEqual([nodes, "10.96.0.11/32"]);
    expect(await routes({ enabled: true, routes: ["10.0.9.0/24"] })).toEqual(["10.0.9.0/24"]);
  });

  it("the edge's configuration is there when there are hosts", () => {
    const hosts = [{ host: "files.orrery.dev", upstream: "http://10.0.0.20" }];
    expect(edgeCaddyfile(settings({}))).toBeUndefined();
    expect(edgeCaddyfile(settings({ dns: { edge: { hosts } }, certificates: acme }))).toContain("email ops@orrery.dev");
  });
});

describe("secrets", () => {
  const needed = (input: Partial<SettingsInput>) =>
    neededSecrets(settings(input)).map(({ name, setting }) => `${name} for ${setting}`);

  it.each<[string, Partial<SettingsInput>, string[]]>([
    ["a provider that nothing uses", { dns: { provider: "hetzner" } }, []],
    [
      "records",
      { dns: { provider: "hetzner", records: { enabled: true } } },
      ["dns-api-token for dns.records.enabled"],
    ],
    ["DNS-01", { dns: { provider: "hetzner" }, certificates: acme }, ["dns-api-token for certificates.challenge"]],
    ["HTTP-01", { dns: { provider: "hetzner" }, certificates: { ...acme, challenge: "http01" } }, []],
    ["a tunnel", { dns: { tunnel: { enabled: true } } }, ["cloudflared-token for dns.tunnel.enabled"]],
    [
      "Tailscale",
      { dns: { tailscale: { enabled: true } } },
      ["tailscale-client-id for dns.tailscale.enabled", "tailscale-client-secret for dns.tailscale.enabled"],
    ],
  ])("of %s", (_, input, expected) => expect(needed(input)).toEqual(expected));
});

it.each([
  ["demo.home.local", true],
  ["nas.lan", true],
  ["demo.example.com", true],
  ["example.org", true],
  ["printer.home.arpa", true],
  ["myexample.com", false],
  ["example.dev", false],
  ["local.dev", false],
])("%s is reserved: %s", (name, reserved) => expect(isReservedName(name)).toBe(reserved));

it.each([
  ["a.demo.dev", "demo.dev", true],
  ["demo.dev", "demo.dev", true],
  ["notdemo.dev", "demo.dev", false],
])("%s is in %s: %s", (name, zone, inside) => expect(isInZone(name, zone)).toBe(inside));
