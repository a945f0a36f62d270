// Before x509, which needs it.
import "reflect-metadata";
import { createPrivateKey, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto);

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 86_400_000;

export interface KeyPair {
  certificatePem: string;
  privateKeyPem: string;
}

export interface CertificateRequest {
  commonName: string;
  dnsNames: string[];
  /** @default - none */
  ipAddresses?: string[];
  isAuthority: boolean;
  validDays: number;
}

/** A certificate that verifies, signed by the authority or by itself. */
export async function issueCertificate(request: CertificateRequest, authority?: KeyPair): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const subject = `CN=${request.commonName}`;
  const issuer = authority && new x509.X509Certificate(authority.certificatePem);
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer?.subject ?? subject,
    publicKey: keys.publicKey,
    signingKey: authority ? await importKey(authority.privateKeyPem) : keys.privateKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + request.validDays * dayMs),
    extensions: await extensionsOf(request, keys.publicKey),
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { certificatePem: certificate.toString("pem"), privateKeyPem: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") };
}

async function extensionsOf(request: CertificateRequest, key: webcrypto.CryptoKey): Promise<x509.Extension[]> {
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  const names = [
    ...request.dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...(request.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  const usage = request.isAuthority
    ? x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature
    : x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment;
  return [
    new x509.BasicConstraintsExtension(request.isAuthority, undefined, true),
    new x509.KeyUsagesExtension(usage, true),
    ...(request.isAuthority ? [] : [new x509.ExtendedKeyUsageExtension([serverAuth, clientAuth])]),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    await x509.SubjectKeyIdentifierExtension.create(key),
  ];
}

/** A key in any of the forms in which PEM has it. */
function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", new Uint8Array(der), algorithm, true, ["sign"]);
}
