import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type PropertyMap,
  type ResourceHandler,
  Secret,
  UNKNOWN,
  unwrapSecrets,
} from "../../../../../sandbox/providers/framework";
import { tlsProvider } from "../../../../../sandbox/providers/tls";
import { testContext } from "../context";
import { extensionsOf, stringTypes } from "./der";

const HOUR_MS = 3_600_000;

async function handler(name: string): Promise<ResourceHandler> {
  const instance = await tlsProvider.configure({}, testContext());
  return instance.resource(`tls:index/${name[0]!.toLowerCase()}${name.slice(1)}:${name}`)!;
}

async function create(name: string, inputs: PropertyMap, context = testContext()) {
  const { id, outputs } = await (await handler(name)).create(inputs, context);
  return { id, outputs, plain: unwrapSecrets(outputs) as Record<string, string> };
}

async function authority(inputs: PropertyMap = {}, algorithm: PropertyMap = { algorithm: "ED25519" }) {
  const key = await create("PrivateKey", algorithm);
  const made = await create("SelfSignedCert", {
    privateKeyPem: key.outputs["privateKeyPem"]!,
    isCaCertificate: true,
    allowedUses: ["cert_signing", "digital_signature", "server_auth", "client_auth"],
    validityPeriodHours: 87_600,
    subject: { organization: "talos" },
    ...inputs,
  });
  return { key, ...made, certificate: new X509Certificate(made.plain["certPem"]!) };
}

const ALGORITHMS: [name: string, inputs: PropertyMap, header: string, ssh: string][] = [
  ["RSA", { algorithm: "RSA" }, "RSA PRIVATE KEY", "ssh-rsa"],
  ["P224", { algorithm: "ECDSA" }, "EC PRIVATE KEY", ""],
  ["P256", { algorithm: "ECDSA", ecdsaCurve: "P256" }, "EC PRIVATE KEY", "ecdsa-sha2-nistp256"],
  ["P384", { algorithm: "ECDSA", ecdsaCurve: "P384" }, "EC PRIVATE KEY", "ecdsa-sha2-nistp384"],
  ["P521", { algorithm: "ECDSA", ecdsaCurve: "P521" }, "EC PRIVATE KEY", "ecdsa-sha2-nistp521"],
  ["Ed25519", { algorithm: "ED25519" }, "PRIVATE KEY", "ssh-ed25519"],
];

describe.each(ALGORITHMS)("a key with %s", (_name, inputs, header, ssh) => {
  it("comes in the official provider's formats, all of the same key", async () => {
    const { plain, outputs, id } = await create("PrivateKey", inputs);
    expect(plain["privateKeyPem"]!.split("\n")[0]).toBe(`-----BEGIN ${header}-----`);
    expect(plain["privateKeyPemPkcs8"]!.split("\n")[0]).toBe("-----BEGIN PRIVATE KEY-----");
    const publicPem = (text: string): string =>
      createPublicKey(text).export({ format: "pem", type: "spki" }).toString();
    expect(publicPem(plain["privateKeyPem"]!)).toBe(plain["publicKeyPem"]);
    expect(publicPem(plain["privateKeyPemPkcs8"]!)).toBe(plain["publicKeyPem"]);
    expect(id).toMatch(/^[0-9a-f]{40}$/);
    for (const key of ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"]) {
      expect(outputs[key]).toBeInstanceOf(Secret);
    }
    expect(outputs["publicKeyPem"]).toBeTypeOf("string");
  });

  it(ssh === "" ? "has no SSH form" : "has an SSH form that others read", async () => {
    const { plain } = await create("PrivateKey", inputs);
    expect(plain["publicKeyOpenssh"]!.split(" ")[0]).toBe(ssh);
    expect(plain["publicKeyFingerprintMd5"]).toMatch(ssh === "" ? /^$/ : /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    if (ssh === "") {
      expect([plain["privateKeyOpenssh"], plain["publicKeyFingerprintSha256"]]).toEqual(["", ""]);
      return;
    }
    const { utils } = (await import("ssh2")).default;
    const parsed = utils.parseKey(plain["privateKeyOpenssh"]!);
    if (parsed instanceof Error || Array.isArray(parsed)) {
      throw new Error(`not one key: ${String(parsed)}`);
    }
    expect(`${parsed.type} ${parsed.getPublicSSH().toString("base64")}\n`).toBe(plain["publicKeyOpenssh"]);
    const invoke = (await tlsProvider.configure({}, testContext())).function!("tls:index/getPublicKey:getPublicKey")!;
    const found = await invoke({ privateKeyOpenssh: new Secret(plain["privateKeyOpenssh"]!) }, testContext());
    expect(found).toMatchObject({
      publicKeyPem: plain["publicKeyPem"],
      publicKeyFingerprintSha256: plain["publicKeyFingerprintSha256"],
      privateKeyOpenssh: expect.any(Secret),
    });
  });

  it("signs certificates that verify", async () => {
    const root = await authority({}, inputs);
    expect(root.certificate.verify(root.certificate.publicKey)).toBe(true);
    const request = await create("CertRequest", {
      privateKeyPem: root.key.outputs["privateKeyPem"]!,
      subject: { organization: "os:admin" },
    });
    const leaf = await create("LocallySignedCert", {
      caCertPem: root.plain["certPem"]!,
      caPrivateKeyPem: root.key.outputs["privateKeyPem"]!,
      certRequestPem: request.plain["certRequestPem"]!,
      validityPeriodHours: 24,
      allowedUses: ["digital_signature", "client_auth"],
    });
    const certificate = new X509Certificate(leaf.plain["certPem"]!);
    expect(certificate.verify(root.certificate.publicKey)).toBe(true);
    expect(certificate.checkIssued(root.certificate)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(root.key.plain["privateKeyPem"]!))).toBe(true);
  });
});

describe("the extensions of a certificate", () => {
  it("of an authority are those that Talos makes itself", async () => {
    const { plain, certificate, id } = await authority();
    expect(extensionsOf(plain["certPem"]!)).toEqual([
      { id: "2.5.29.15", critical: true, value: "03020284" },
      { id: "2.5.29.37", critical: false, value: "301406082b0601050507030106082b06010505070302" },
      { id: "2.5.29.19", critical: true, value: "30030101ff" },
      { id: "2.5.29.14", critical: false, value: expect.stringMatching(/^0414[0-9a-f]{40}$/) },
    ]);
    expect(BigInt(`0x${certificate.serialNumber}`).toString()).toBe(id);
    expect(certificate.subject).toBe("O=talos");
  });

  it("of an administrator have client authentication alone", async () => {
    const root = await authority();
    const request = await create("CertRequest", {
      privateKeyPem: root.key.outputs["privateKeyPem"]!,
      subject: { organization: "os:admin", commonName: "a*b", emailAddress: "a@b.c" },
      dnsNames: ["a.example"],
      ipAddresses: ["10.0.0.1", "fd00::1"],
      uris: ["spiffe://x/y"],
    });
    const leaf = await create("LocallySignedCert", {
      caCertPem: root.plain["certPem"]!,
      caPrivateKeyPem: root.key.outputs["privateKeyPem"]!,
      certRequestPem: request.plain["certRequestPem"]!,
      validityPeriodHours: 24,
      allowedUses: ["digital_signature", "client_auth"],
    });
    const extensions = extensionsOf(leaf.plain["certPem"]!);
    expect(extensions.map(({ id }) => id)).toEqual(["2.5.29.15", "2.5.29.37", "2.5.29.19", "2.5.29.35", "2.5.29.17"]);
    expect(extensions.slice(0, 3).map(({ value }) => value)).toEqual(["03020780", "300a06082b06010505070302", "3000"]);
    const certificate = new X509Certificate(leaf.plain["certPem"]!);
    expect(certificate.subjectAltName).toBe(
      "DNS:a.example, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1, URI:spiffe://x/y",
    );
    // Go takes no email address over from a request.
    expect(certificate.subject).toBe("O=os:admin\nCN=a*b");
    expect(stringTypes(leaf.plain["certPem"]!)).toEqual({ "os:admin": "PrintableString", "a*b": "UTF8String" });
  });

  it("name the authority's key only where it has a name", async () => {
    const own = await create("PrivateKey", { algorithm: "ED25519" });
    const base = { privateKeyPem: own.outputs["privateKeyPem"]!, validityPeriodHours: 1, allowedUses: [] };
    const plainCert = await create("SelfSignedCert", { ...base, dnsNames: ["only.example"] });
    // No subject: then the alternative name is critical.
    expect(extensionsOf(plainCert.plain["certPem"]!).map(({ id, critical }) => `${id} ${critical}`)).toEqual([
      "2.5.29.19 true",
      "2.5.29.17 true",
    ]);
    await expect(create("SelfSignedCert", { ...base, setAuthorityKeyId: true })).rejects.toThrow(
      "Could not determine Authority Key Identifier",
    );
    await expect(create("SelfSignedCert", { ...base, isCaCertificate: true })).rejects.toThrow(
      "Must contain at least one Distinguished Name",
    );
  });
});

describe("what is wrong is said without repeating the key", () => {
  it("for a key that is none", async () => {
    const inputs = { privateKeyPem: "-----BEGIN hidden", allowedUses: [], validityPeriodHours: 1 };
    const error = await create("SelfSignedCert", inputs).catch((caught: Error) => caught);
    expect(String(error)).toContain("privateKeyPem is no private key in PEM");
    expect(String(error)).not.toContain("hidden");
  });

  it("for a key that is another's", async () => {
    const root = await authority();
    const other = await create("PrivateKey", { algorithm: "ED25519" });
    const request = await create("CertRequest", { privateKeyPem: other.outputs["privateKeyPem"]! });
    const inputs = {
      caCertPem: root.plain["certPem"]!,
      caPrivateKeyPem: other.outputs["privateKeyPem"]!,
      certRequestPem: request.plain["certRequestPem"]!,
      validityPeriodHours: 1,
      allowedUses: [],
    };
    await expect(create("LocallySignedCert", inputs)).rejects.toThrow("is not the private key of caCertPem");
  });

  it.each<[string, PropertyMap, string]>([
    ["PrivateKey", { algorithm: "DSA" }, "algorithm"],
    ["PrivateKey", { algorithm: "ECDSA", ecdsaCurve: "P123" }, "ecdsaCurve"],
    ["PrivateKey", {}, "algorithm"],
    ["SelfSignedCert", { allowedUses: ["signing"], validityPeriodHours: 1, privateKeyPem: "x" }, "allowedUses[0]"],
    ["SelfSignedCert", { allowedUses: [], validityPeriodHours: -1, privateKeyPem: "x" }, "validityPeriodHours"],
  ])("for %s with %o", async (name, newInputs, property) => {
    const { failures } = await (await handler(name)).check!({ oldInputs: {}, newInputs, name: "x" }, testContext());
    expect(failures!.map((failure) => failure.property)).toEqual([property]);
  });
});

describe("renewal", () => {
  const inputs = { allowedUses: [], validityPeriodHours: 48, privateKeyPem: "k", earlyRenewalHours: 24 };
  const ends = (hours: number) => ({ validityEndTime: new Date(Date.now() + hours * HOUR_MS).toISOString() });
  const diff = async (hours: number, newInputs: PropertyMap = inputs) =>
    (await handler("SelfSignedCert")).diff(
      { id: "1", oldInputs: inputs, newInputs, oldOutputs: { ...inputs, ...ends(hours) }, ignoreChanges: [] },
      testContext(),
    );

  it("is due within the renewal period, and not before", async () => {
    expect((await diff(25)).detailedDiff).toEqual({});
    expect((await diff(23)).detailedDiff).toEqual({ readyForRenewal: { kind: "update-replace" } });
    expect((await diff(-1)).detailedDiff).toEqual({ readyForRenewal: { kind: "update-replace" } });
  });

  it("period changes in place, everything else makes a new certificate", async () => {
    const moved = await diff(40, { ...inputs, earlyRenewalHours: 10 });
    expect(moved.detailedDiff).toEqual({ earlyRenewalHours: { kind: "update", inputDiff: true } });
    expect(moved.stables).toContain("certPem");
    expect((await diff(40, { ...inputs, allowedUses: ["server_auth"] })).replaces).toEqual(["allowedUses"]);
  });

  it("shows after a refresh", async () => {
    const resource = await handler("SelfSignedCert");
    const outputs = { ...inputs, ...ends(1), readyForRenewal: false };
    expect((await resource.read({ id: "1", inputs, outputs }, testContext()))?.outputs["readyForRenewal"]).toBe(true);
  });
});

describe("a preview", () => {
  it("knows what is given and nothing of what is made", async () => {
    const planned = await create(
      "SelfSignedCert",
      { privateKeyPem: UNKNOWN, allowedUses: ["cert_signing"], validityPeriodHours: 5 },
      testContext({ preview: true }),
    );
    expect(planned.outputs).toMatchObject({ validityPeriodHours: 5, isCaCertificate: false, certPem: UNKNOWN });
  });
});
