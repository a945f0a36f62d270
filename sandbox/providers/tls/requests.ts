import { createPublicKey, type KeyObject } from "node:crypto";
import { Attributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  Attribute,
  BasicConstraints,
  Certificate,
  Extension,
  Extensions,
  id_ce_basicConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  type Name,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from "@peculiar/asn1-x509";
import { arrayBuffer, fromPem, publicKeyInfo, signatureAlgorithm, signDer, toPem } from "./certificates";

const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
const REQUEST = "CERTIFICATE REQUEST";

export interface CertificateRequest {
  subject: Name;
  subjectAltName: SubjectAlternativeName | undefined;
  publicKey: KeyObject;
}

export function createRequest(
  subject: Name,
  subjectAltName: SubjectAlternativeName | undefined,
  key: KeyObject,
): { pem: string; der: Buffer } {
  const info = new CertificationRequestInfo({
    version: 0,
    subject,
    subjectPKInfo: publicKeyInfo(key),
    attributes: new Attributes(subjectAltName === undefined ? [] : [extensionRequest(subjectAltName)]),
  });
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: signatureAlgorithm(key),
    signature: arrayBuffer(signDer(Buffer.from(AsnConvert.serialize(info)), key)),
  });
  const der = Buffer.from(AsnConvert.serialize(request));
  return { der, pem: toPem(REQUEST, der) };
}

function extensionRequest(subjectAltName: SubjectAlternativeName): Attribute {
  const extension = new Extension({
    extnID: id_ce_subjectAltName,
    extnValue: new OctetString(AsnConvert.serialize(subjectAltName)),
  });
  return new Attribute({
    type: EXTENSION_REQUEST,
    values: [AsnConvert.serialize(new Extensions([extension]))],
  });
}

export function parseRequest(pem: string): CertificateRequest {
  const { certificationRequestInfo: info } = AsnConvert.parse(
    fromPem(REQUEST, pem, "certRequestPem"),
    CertificationRequest,
  );
  const requested = info.attributes.find(({ type }) => type === EXTENSION_REQUEST)?.values[0];
  const extensions = requested === undefined ? [] : AsnConvert.parse(requested, Extensions);
  const names = extensions.find(({ extnID }) => extnID === id_ce_subjectAltName);
  return {
    subject: info.subject,
    subjectAltName: names && AsnConvert.parse(names.extnValue, SubjectAlternativeName),
    publicKey: createPublicKey({
      key: Buffer.from(AsnConvert.serialize(info.subjectPKInfo)),
      format: "der",
      type: "spki",
    }),
  };
}

export interface AuthorityCertificate {
  subject: Name;
  subjectKeyId: Buffer | undefined;
  isCa: boolean;
}

export function parseAuthority(pem: string, key: KeyObject): AuthorityCertificate {
  const { tbsCertificate: tbs } = AsnConvert.parse(fromPem("CERTIFICATE", pem, "caCertPem"), Certificate);
  const find = (id: string) => tbs.extensions?.find(({ extnID }) => extnID === id)?.extnValue;
  assertKeyBelongs(tbs.subjectPublicKeyInfo, key);
  const keyId = find(id_ce_subjectKeyIdentifier);
  const constraints = find(id_ce_basicConstraints);
  return {
    subject: tbs.subject,
    subjectKeyId: keyId && Buffer.from(AsnConvert.parse(keyId, SubjectKeyIdentifier).buffer),
    isCa: constraints !== undefined && AsnConvert.parse(constraints, BasicConstraints).cA,
  };
}

/** As Go's CreateCertificate does: what was signed must verify with the authority's certificate. */
function assertKeyBelongs(info: ReturnType<typeof publicKeyInfo>, key: KeyObject): void {
  const authority = Buffer.from(AsnConvert.serialize(info));
  const own = createPublicKey(key).export({ format: "der", type: "spki" });
  if (!authority.equals(own)) {
    throw new Error("Failed to create certificate: caPrivateKeyPem is not the private key of caCertPem");
  }
}
