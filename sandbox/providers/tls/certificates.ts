import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import { AsnConvert, AsnNullConverter, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  type Name,
  type SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Time,
  Validity,
  Version,
} from "@peculiar/asn1-x509";
import { EXTENDED_KEY_USAGES, KEY_USAGES } from "./usages";

const HOUR_MS = 3_600_000;

export interface CertificateTemplate {
  subject: Name;
  subjectAltName: SubjectAlternativeName | undefined;
  publicKey: KeyObject;
  allowedUses: readonly string[];
  validityPeriodHours: number;
  isCa: boolean;
  /** @default undefined, not limited; 0 counts as not limited, as it does for the official provider */
  maxPathLength?: number;
  setSubjectKeyId: boolean;
  setAuthorityKeyId: boolean;
}

export interface Issuer {
  /** undefined: the certificate's own. */
  subject: Name | undefined;
  subjectKeyId: Buffer | undefined;
  key: KeyObject;
}

export interface IssuedCertificate {
  /** The serial number in decimal, which is the resource's id. */
  serial: string;
  pem: string;
  notBefore: Date;
  notAfter: Date;
}

/** Makes a certificate with exactly the extensions that the official provider makes, in its order. */
export function issueCertificate(template: CertificateTemplate, issuer: Issuer, now: Date): IssuedCertificate {
  if (template.isCa && template.subject.length === 0) {
    throw new Error(
      "Invalid Certificate Subject: Must contain at least one Distinguished Name when creating Certificate Authority (CA)",
    );
  }
  if (!template.isCa && (template.maxPathLength ?? 0) > 0) {
    throw new Error("Failed to create certificate: only CAs are allowed to specify maxPathLength");
  }
  const serial = randomBytes(16);
  const notAfter = new Date(now.getTime() + template.validityPeriodHours * HOUR_MS);
  const algorithm = signatureAlgorithm(issuer.key);
  const tbs = new TBSCertificate({
    version: Version.v3,
    serialNumber: arrayBuffer(positive(serial)),
    signature: algorithm,
    issuer: issuer.subject ?? template.subject,
    validity: new Validity({ notBefore: now, notAfter }),
    subject: template.subject,
    subjectPublicKeyInfo: publicKeyInfo(template.publicKey),
    extensions: new Extensions(extensions(template, issuer)),
  });
  tbs.validity.notBefore = new Time(now);
  tbs.validity.notAfter = new Time(notAfter);
  const signature = signDer(Buffer.from(AsnConvert.serialize(tbs)), issuer.key);
  const certificate = new Certificate({
    tbsCertificate: tbs,
    signatureAlgorithm: algorithm,
    signatureValue: arrayBuffer(signature),
  });
  return {
    serial: BigInt(`0x${serial.toString("hex")}`).toString(),
    pem: toPem("CERTIFICATE", Buffer.from(AsnConvert.serialize(certificate))),
    notBefore: now,
    notAfter,
  };
}

function extensions(template: CertificateTemplate, issuer: Issuer): Extension[] {
  const list: Extension[] = [];
  const bits = template.allowedUses.flatMap((use) => KEY_USAGES[use] ?? []);
  if (bits.length > 0) {
    list.push(extension(id_ce_keyUsage, true, namedBits(bits)));
  }
  const extended = template.allowedUses.flatMap((use) => EXTENDED_KEY_USAGES[use] ?? []);
  if (extended.length > 0) {
    list.push(extension(id_ce_extKeyUsage, false, AsnConvert.serialize(new ExtendedKeyUsage(extended))));
  }
  const pathLength = template.isCa && template.maxPathLength ? { pathLenConstraint: template.maxPathLength } : {};
  const constraints = new BasicConstraints({ cA: template.isCa, ...pathLength });
  list.push(extension(id_ce_basicConstraints, true, AsnConvert.serialize(constraints)));
  const subjectKeyId = template.isCa || template.setSubjectKeyId ? subjectKeyIdOf(template.publicKey) : undefined;
  if (subjectKeyId !== undefined) {
    const identifier = new SubjectKeyIdentifier(arrayBuffer(subjectKeyId));
    list.push(extension(id_ce_subjectKeyIdentifier, false, AsnConvert.serialize(identifier)));
  }
  const authorityKeyId = authorityKeyIdOf(template, issuer, subjectKeyId);
  if (authorityKeyId !== undefined) {
    const identifier = new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(arrayBuffer(authorityKeyId)) });
    list.push(extension(id_ce_authorityKeyIdentifier, false, AsnConvert.serialize(identifier)));
  }
  if (template.subjectAltName !== undefined) {
    const critical = template.subject.length === 0;
    list.push(extension(id_ce_subjectAltName, critical, AsnConvert.serialize(template.subjectAltName)));
  }
  return list;
}

/** A certificate of another issuer names the issuer's key whenever the issuer's certificate does. */
function authorityKeyIdOf(template: CertificateTemplate, issuer: Issuer, own: Buffer | undefined): Buffer | undefined {
  if (issuer.subject !== undefined) {
    return issuer.subjectKeyId;
  }
  if (template.setAuthorityKeyId && own === undefined) {
    throw new Error("Invalid Certificate Authority: Could not determine Authority Key Identifier");
  }
  return template.setAuthorityKeyId ? own : undefined;
}

function extension(extnID: string, critical: boolean, value: ArrayBuffer | Buffer): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(arrayBuffer(Buffer.from(value as Buffer))) });
}

/** DER of a BIT STRING of named bits: trailing zero bits are not written. */
function namedBits(bits: number[]): Buffer {
  const highest = Math.max(...bits);
  const bytes = Buffer.alloc(Math.floor(highest / 8) + 1);
  for (const bit of bits) {
    bytes[bit >> 3]! |= 0x80 >> (bit & 7);
  }
  return Buffer.concat([Buffer.of(3, bytes.length + 1, 7 - (highest & 7)), bytes]);
}

function subjectKeyIdOf(key: KeyObject): Buffer {
  const bits = Buffer.from(publicKeyInfo(key).subjectPublicKey);
  // The official provider hashes an Ed25519 key as an OCTET STRING, against RFC 5280.
  const hashed = key.asymmetricKeyType === "ed25519" ? Buffer.concat([Buffer.of(4, bits.length), bits]) : bits;
  return createHash("sha1").update(hashed).digest();
}

export function publicKeyInfo(key: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(createPublicKeyDer(key), SubjectPublicKeyInfo);
}

function createPublicKeyDer(key: KeyObject): Buffer {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return publicKey.export({ format: "der", type: "spki" });
}

const HASH_OF_CURVE: Record<string, { name: string; oid: string }> = {
  secp224r1: { name: "sha256", oid: "1.2.840.10045.4.3.2" },
  prime256v1: { name: "sha256", oid: "1.2.840.10045.4.3.2" },
  secp384r1: { name: "sha384", oid: "1.2.840.10045.4.3.3" },
  secp521r1: { name: "sha512", oid: "1.2.840.10045.4.3.4" },
};

export function signatureAlgorithm(key: KeyObject): AlgorithmIdentifier {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return new AlgorithmIdentifier({
        algorithm: "1.2.840.113549.1.1.11",
        parameters: AsnNullConverter.toASN(null).toBER(),
      });
    case "ed25519":
      return new AlgorithmIdentifier({ algorithm: "1.3.101.112" });
    default:
      return new AlgorithmIdentifier({ algorithm: curveHash(key).oid });
  }
}

function curveHash(key: KeyObject): { name: string; oid: string } {
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "";
  const hash = HASH_OF_CURVE[curve];
  if (hash === undefined) {
    throw new Error(`certificates on the curve ${curve} are not supported: use P224, P256, P384 or P521`);
  }
  return hash;
}

export function signDer(data: Buffer, key: KeyObject): Buffer {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return sign("sha256", data, key);
    case "ed25519":
      return sign(null, data, key);
    default:
      return sign(curveHash(key).name, data, key);
  }
}

function positive(serial: Buffer): Buffer {
  const first = serial.findIndex((byte) => byte !== 0);
  const trimmed = first < 0 ? Buffer.of(0) : serial.subarray(first);
  return trimmed[0]! & 0x80 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed;
}

export function arrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

export function toPem(type: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g)!;
  return `-----BEGIN ${type}-----\n${lines.join("\n")}\n-----END ${type}-----\n`;
}

export function fromPem(type: string, pem: string, property: string): Buffer {
  const match = new RegExp(`-----BEGIN ${type}-----([A-Za-z0-9+/=\\s]+)-----END ${type}-----`).exec(pem);
  if (match === null) {
    throw new Error(`${property} is no PEM of type "${type}"`);
  }
  return Buffer.from(match[1]!, "base64");
}
