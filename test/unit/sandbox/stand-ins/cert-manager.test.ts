import { X509Certificate } from "node:crypto";
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
