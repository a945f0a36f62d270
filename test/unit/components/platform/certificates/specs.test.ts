import { describe, expect, it } from "vitest";
import { certificateProblems, certificateSpec } from "../../../../../components/platform/certificates/certificate";
import { acmeIssuerSpec, type Challenge } from "../../../../../components/platform/certificates/issuers";

const account = { issuer: "letsencrypt", email: "ops@orrery.dev" } as const;
const solverOf = (challenge: Challenge) => acmeIssuerSpec({ ...account, challenge }).acme.solvers[0];

describe("ACME issuer", () => {
  it("asks the trial directory for trial certificates, and keeps each account apart", () => {
    const challenge = { via: "ingress", ingressClass: "nginx" } as const;
    const staging = acmeIssuerSpec({ ...account, issuer: "letsencrypt-staging", challenge }).acme;
    const real = acmeIssuerSpec({ ...account, challenge }).acme;
    expect(staging.server).toBe("https://acme-staging-v02.api.letsencrypt.org/directory");
    expect(real.server).toBe("https://acme-v02.api.letsencrypt.org/directory");
    expect([staging.privateKeySecretRef.name, real.privateKeySecretRef.name]).toEqual([
      "letsencrypt-staging-account",
      "letsencrypt-account",
    ]);
    expect(real.email).toBe("ops@orrery.dev");
  });

  it("answers over HTTP through the Gateway's plain listener, without a port on the nodes", () => {
    expect(solverOf({ via: "gateway", gateway: "gateway", namespace: "gateway", listener: "http" })).toEqual({
      http01: {
        gatewayHTTPRoute: {
          parentRefs: [
            {
              group: "gateway.networking.k8s.io",
              kind: "Gateway",
              name: "gateway",
              namespace: "gateway",
              sectionName: "http",
            },
          ],
          serviceType: "ClusterIP",
        },
      },
    });
    expect(solverOf({ via: "ingress", ingressClass: "nginx" })).toEqual({
      http01: { ingress: { ingressClassName: "nginx", serviceType: "ClusterIP" } },
    });
  });

  it("answers by a record in its zone only", () => {
    expect(solverOf({ via: "cloudflare", zone: "orrery.dev", token: { name: "s", key: "k" } })).toEqual({
      selector: { dnsZones: ["orrery.dev"] },
      dns01: { cloudflare: { apiTokenSecretRef: { name: "s", key: "k" } } },
    });
    const solver = { groupName: "g", solverName: "hetzner", tokenFilePath: "/t" };
    expect(solverOf({ via: "hetzner", zone: "orrery.dev", solver })).toEqual({
      selector: { dnsZones: ["orrery.dev"] },
      dns01: { webhook: { groupName: "g", solverName: "hetzner", config: { tokenFilePath: "/t" } } },
    });
  });
});

describe("certificate", () => {
  const facts = { secretName: "tls", dnsNames: ["a.demo"], issuer: "internal-1", internal: true, labels: { a: "b" } };

  it("has a new P-256 key each time, and its names", () => {
    expect(certificateSpec(facts)).toEqual({
      secretName: "tls",
      secretTemplate: { labels: { a: "b" } },
      commonName: "a.demo",
      dnsNames: ["a.demo"],
      privateKey: { algorithm: "ECDSA", size: 256, encoding: "PKCS8", rotationPolicy: "Always" },
      duration: "2160h",
      usages: ["digital signature", "server auth", "client auth"],
      issuerRef: { name: "internal-1", kind: "ClusterIssuer", group: "cert-manager.io" },
    });
  });

  it("of a public authority says nothing that the authority decides, and is of no client", () => {
    const spec = certificateSpec({ ...facts, internal: false });
    expect(spec).not.toHaveProperty("duration");
    expect(spec.usages).toEqual(["digital signature", "server auth"]);
  });

  it.each([
    ["of 64 characters is the common name", 64, true],
    ["of 65 is not", 65, false],
  ])("a first name %s", (_, length, common) => {
    const name = `${"a".repeat(length - 2)}.b`;
    expect("commonName" in certificateSpec({ ...facts, dnsNames: [name] })).toBe(common);
  });

  it.each([
    [["a.demo.dev", "*.demo.dev", "service.ns.svc", "localhost"], 0],
    [[], 1],
    [["A.demo.dev"], 1],
    [["a.*.dev", "https://a.dev", "a..dev", "-a.dev"], 4],
    [[`${"a".repeat(64)}.dev`], 1],
  ])("names %o have %i problems", (names, count) => {
    expect(certificateProblems(names)).toHaveLength(count);
  });
});
