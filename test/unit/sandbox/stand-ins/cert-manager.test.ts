import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { desiredCertificate, desiredIssuer } from "../../../../sandbox/stand-ins/operators/cert-manager";
import { issueCertificate } from "../../../../sandbox/stand-ins/operators/certificates";
import { silenced } from "../../../../sandbox/stand-ins/webhooks";
import { observing } from "./observed";

const metadata = { namespace: "web", name: "tls" };
const issuer = (ready: string, spec = {}) => ({
  kind: "ClusterIssuer",
  metadata: { name: "ca" },
  spec,
  status: { conditions: [{ type: "Ready", status: ready as "True", reason: "r", message: "" }] },
});
const certificate = {
  metadata,
  spec: { secretName: "tls", dnsNames: ["a.example.org"], issuerRef: { kind: "ClusterIssuer", name: "ca" } },
};

describe("Certificate", () => {
  it.each([
    ["no issuer", [], 0, "IssuerNotReady"],
    ["an issuer that is not ready", [issuer("False")], 0, "IssuerNotReady"],
    ["a ready issuer", [issuer("True")], 1, "DoesNotExist"],
    ["its Secret", [issuer("True"), { kind: "Secret", metadata }], 1, "Ready"],
  ])("with %s", (_, seen, secrets, reason) => {
    const desired = desiredCertificate(certificate, observing(seen));
    expect(desired.secrets).toHaveLength(secrets);
    expect(desired.status).toMatchObject({ conditions: [{ type: "Ready", reason }] });
  });

  it("is signed by the issuer's authority, which a ClusterIssuer keeps beside the controller", () => {
    const [secret] = desiredCertificate(certificate, observing([issuer("True", { ca: { secretName: "root" } })]))
      .secrets!;
    expect(secret).toMatchObject({
      commonName: "a.example.org",
      signedBy: { namespace: "operators", name: "root", certificateKey: "tls.crt" },
    });
  });
});

describe("a Certificate that is there", () => {
  const issued = (annotations: Record<string, string>) => ({ kind: "Secret", metadata: { ...metadata, annotations } });
  const of = (issuerName: string, names: string) => ({
    "cert-manager.io/issuer-name": issuerName,
    "cert-manager.io/alt-names": names,
  });

  it.each([
    ["of this issuer and these names", of("ca", "a.example.org"), "Ready", false],
    ["of another issuer", of("older", "a.example.org"), "SecretMismatch", true],
    ["of other names", of("ca", "b.example.org"), "SecretMismatch", true],
    ["of somebody else's making", {}, "Ready", false],
  ])("%s: %o", (_, annotations, reason, renew) => {
    const desired = desiredCertificate(certificate, observing([issuer("True"), issued(annotations)]));
    expect(desired.status).toMatchObject({ conditions: [{ reason }] });
    expect(desired.secrets).toMatchObject([{ renew }]);
  });
});

describe("ACME", () => {
  const wildcard = { ...certificate, spec: { ...certificate.spec, dnsNames: ["demo.org", "*.demo.org"] } };
  const record = { cloudflare: { apiTokenSecretRef: { name: "token", key: "k" } } };
  const webhook = { webhook: { groupName: "acme.hetzner.com", solverName: "hetzner" } };
  const token = (data: object) => ({ kind: "Secret", metadata: { namespace: "operators", name: "token" }, data });
  const extension = { kind: "APIService", metadata: { name: "v1alpha1.acme.hetzner.com" } };
  const zone = (name: string) => ({ selector: { dnsZones: [name] }, dns01: record });

  it.each([
    ["no solver", [], [], "no configured challenge solvers"],
    ["a page for a wildcard", [{ http01: {} }], [], "identifier *.demo.org"],
    ["a zone of others", [zone("elsewhere.org")], [token({ k: "x" })], "no configured challenge solvers"],
    ["no token", [{ dns01: record }], [], 'secrets "token" not found'],
    ["a token under another key", [{ dns01: record }], [token({ other: "x" })], 'key "k" not found'],
    ["a solver that is not there", [{ dns01: webhook }], [], "could not find the requested resource"],
    ["the more specific solver", [{ http01: {} }, zone("demo.org")], [], 'secrets "token" not found'],
  ])("is not ready with %s, and says so", (_, solvers, seen, message) => {
    const desired = desiredCertificate(wildcard, observing([issuer("True", { acme: { solvers } }), ...seen]));
    expect(desired.secrets).toEqual([]);
    expect(desired.status).toMatchObject({
      conditions: [{ status: "False", reason: "Pending", message: expect.stringContaining(message) }],
    });
  });

  it.each([
    ["its token", [zone("demo.org")], [token({ k: "x" })]],
    ["its solver", [{ dns01: webhook }], [extension]],
  ])("issues with %s, and without an authority's certificate", (_, solvers, seen) => {
    const desired = desiredCertificate(wildcard, observing([issuer("True", { acme: { solvers } }), ...seen]));
    expect(desired.secrets).toMatchObject([
      { dnsNames: ["demo.org", "*.demo.org"], withoutAuthority: true, commonName: "demo.org" },
    ]);
    expect(desired.secrets![0]).not.toHaveProperty("signedBy");
  });

  it.each([
    ["ops@demo.org", "True", "ACMEAccountRegistered"],
    ["ops@example.com", "False", "ErrRegisterACMEAccount"],
  ])("an account of %s: %s", (email, status, reason) => {
    const desired = desiredIssuer({ metadata: { name: "le" }, spec: { acme: { email } } }, observing([]));
    expect(desired.status).toMatchObject({ conditions: [{ status, reason }] });
  });
});

it.each([
  [{}, [], "True"],
  [{ ca: { secretName: "root" } }, [], "False"],
  [
    { ca: { secretName: "root" } },
    [{ kind: "Secret", metadata: { namespace: "operators", name: "root" }, data: { "tls.key": "x" } }],
    "True",
  ],
])("an issuer %o is ready when its authority is there (%#)", (spec, seen, status) => {
  const desired = desiredIssuer({ metadata: { name: "ca" }, spec }, observing(seen));
  expect(desired.status).toMatchObject({ conditions: [{ type: "Ready", status }] });
});

it("signs with keys in the form in which the tls provider makes them", async () => {
  const authority = await issueCertificate({ commonName: "root", dnsNames: [], isAuthority: true, validDays: 2 });
  const privateKeyPem = createPrivateKey(authority.privateKeyPem).export({ type: "sec1", format: "pem" }) as string;
  expect(privateKeyPem).toContain("BEGIN EC PRIVATE KEY");
  const leaf = await issueCertificate(
    { commonName: "a", dnsNames: ["a"], isAuthority: false, validDays: 1 },
    { ...authority, privateKeyPem },
  );
  expect(new X509Certificate(leaf.certificatePem).verify(new X509Certificate(authority.certificatePem).publicKey)).toBe(
    true,
  );
});

it("issues certificates that verify", async () => {
  const authority = await issueCertificate({ commonName: "root", dnsNames: [], isAuthority: true, validDays: 2 });
  const leaf = await issueCertificate(
    { commonName: "pg-rw", dnsNames: ["pg-rw.db"], isAuthority: false, validDays: 1 },
    authority,
  );
  const [root, end] = [new X509Certificate(authority.certificatePem), new X509Certificate(leaf.certificatePem)];
  expect(end.verify(root.publicKey)).toBe(true);
  expect(end.checkIssued(root)).toBe(true);
  expect([root.ca, end.ca]).toEqual([true, false]);
  expect(end.checkHost("pg-rw.db")).toBe("pg-rw.db");
});

describe("silenced", () => {
  const base = { name: "w", admissionReviewVersions: ["v1"], sideEffects: "None" };
  const inside = { ...base, clientConfig: { service: { namespace: "n", name: "s" } } };
  const outside = { ...base, clientConfig: { url: "https://x" } };

  it("adds a condition that never holds to webhooks in the cluster, and to those only", () => {
    const result = silenced([inside, outside])!;
    expect(result[0]!.matchConditions).toEqual([{ name: expect.any(String), expression: "false" }]);
    expect(result[1]).toEqual(outside);
    expect(silenced(result)).toBeUndefined();
  });

  it("has nothing to do without them", () => expect(silenced([outside])).toBeUndefined());
});
