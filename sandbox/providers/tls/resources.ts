import { createHash } from "node:crypto";
import type { CheckFailure, PropertyDiff, PropertyMap } from "../framework";
import { integer, type LocalResource, object, strings } from "../framework/local-resource";
import { issueCertificate } from "./certificates";
import {
  ALGORITHMS,
  type Algorithm,
  algorithmOf,
  CURVES,
  type Curve,
  generateKey,
  parsePrivateKey,
  privateKeyOutputs,
  publicKeyOutputs,
  trimSpace,
} from "./keys";
import { alternativeNames, requestedSubject, subjectAlternativeName, subjectName } from "./names";
import { createRequest, parseAuthority, parseRequest } from "./requests";
import { ALLOWED_USES } from "./usages";

const HOUR_MS = 3_600_000;

const privateKey: LocalResource = {
  required: ["algorithm"],
  defaults: { rsaBits: 2048, ecdsaCurve: "P224" },
  computed: [
    "privateKeyPem",
    "privateKeyPemPkcs8",
    "privateKeyOpenssh",
    "publicKeyPem",
    "publicKeyOpenssh",
    "publicKeyFingerprintMd5",
    "publicKeyFingerprintSha256",
  ],
  secrets: ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"],
  validate: (inputs) => [
    ...oneOf(inputs, "algorithm", ALGORITHMS),
    ...oneOf(inputs, "ecdsaCurve", Object.keys(CURVES)),
  ],
  async generate(inputs) {
    const options = { rsaBits: integer(inputs, "rsaBits"), curve: inputs["ecdsaCurve"] as Curve };
    const key = await generateKey(inputs["algorithm"] as Algorithm, options);
    const { id, outputs } = publicKeyOutputs(key);
    return { id, computed: { ...privateKeyOutputs(key), ...outputs } };
  },
};

const certRequest: LocalResource = {
  required: ["privateKeyPem"],
  computed: ["certRequestPem", "keyAlgorithm"],
  secrets: ["privateKeyPem"],
  validate: refuseWriteOnly,
  async generate(inputs) {
    const key = parsePrivateKey(String(inputs["privateKeyPem"]), "privateKeyPem");
    const names = subjectAlternativeName(alternativeNames(inputs));
    const { der, pem } = createRequest(subjectName(object(inputs["subject"])), names, key);
    const id = createHash("sha1").update(trimSpace(der)).digest("hex");
    return { id, computed: { certRequestPem: pem, keyAlgorithm: algorithmOf(key) } };
  },
};

const CERTIFICATE_DEFAULTS: PropertyMap = {
  earlyRenewalHours: 0,
  isCaCertificate: false,
  setSubjectKeyId: false,
};
const CERTIFICATE_COMPUTED = ["certPem", "readyForRenewal", "validityStartTime", "validityEndTime"];

const certificate = {
  updatable: ["earlyRenewalHours"],
  validate: (inputs: PropertyMap) => [
    ...refuseWriteOnly(inputs),
    ...strings(inputs["allowedUses"]).flatMap((use, index) =>
      ALLOWED_USES.includes(use)
        ? []
        : [{ property: `allowedUses[${index}]`, reason: `${use} is not one of ${ALLOWED_USES.join(", ")}` }],
    ),
    ...["validityPeriodHours", "earlyRenewalHours"].flatMap((property) =>
      Number(inputs[property] ?? 0) < 0 ? [{ property, reason: `${property} must be at least 0` }] : [],
    ),
  ],
  /** As with the official provider, the next preview plans a new certificate once the renewal is due. */
  aging(outputs: PropertyMap, newInputs: PropertyMap): Record<string, PropertyDiff> {
    return renewalIsDue(outputs, newInputs) ? { readyForRenewal: { kind: "update-replace" } } : {};
  },
  refresh: (outputs: PropertyMap): PropertyMap => (renewalIsDue(outputs, outputs) ? { readyForRenewal: true } : {}),
};

function renewalIsDue(outputs: PropertyMap, inputs: PropertyMap): boolean {
  const end = Date.parse(String(outputs["validityEndTime"]));
  const early = Number(inputs["earlyRenewalHours"] ?? 0) * HOUR_MS;
  return end - early <= Date.now();
}

const selfSignedCert: LocalResource = {
  ...certificate,
  required: ["allowedUses", "validityPeriodHours", "privateKeyPem"],
  defaults: { ...CERTIFICATE_DEFAULTS, setAuthorityKeyId: false },
  computed: [...CERTIFICATE_COMPUTED, "keyAlgorithm"],
  secrets: ["privateKeyPem"],
  async generate(inputs) {
    const key = parsePrivateKey(String(inputs["privateKeyPem"]), "privateKeyPem");
    const issued = issueCertificate(
      {
        ...templateOf(inputs),
        subject: subjectName(object(inputs["subject"])),
        subjectAltName: subjectAlternativeName(alternativeNames(inputs)),
        publicKey: key,
      },
      { subject: undefined, subjectKeyId: undefined, key },
      new Date(),
    );
    return certificateState(issued, { keyAlgorithm: algorithmOf(key) });
  },
};

const locallySignedCert: LocalResource = {
  ...certificate,
  required: ["allowedUses", "validityPeriodHours", "caCertPem", "caPrivateKeyPem", "certRequestPem"],
  defaults: CERTIFICATE_DEFAULTS,
  computed: [...CERTIFICATE_COMPUTED, "caKeyAlgorithm"],
  secrets: ["caPrivateKeyPem"],
  async generate(inputs, context) {
    const key = parsePrivateKey(String(inputs["caPrivateKeyPem"]), "caPrivateKeyPem");
    const authority = parseAuthority(String(inputs["caCertPem"]), key);
    if (!authority.isCa) {
      context.log("warning", "caCertPem is no certificate authority: what it signs may not be accepted");
    }
    const request = parseRequest(String(inputs["certRequestPem"]));
    const issued = issueCertificate(
      {
        ...templateOf(inputs),
        subject: requestedSubject(request.subject),
        subjectAltName: request.subjectAltName,
        publicKey: request.publicKey,
      },
      { ...authority, key },
      new Date(),
    );
    return certificateState(issued, { caKeyAlgorithm: algorithmOf(key) });
  },
};

function templateOf(inputs: PropertyMap) {
  return {
    allowedUses: strings(inputs["allowedUses"]),
    validityPeriodHours: integer(inputs, "validityPeriodHours"),
    isCa: inputs["isCaCertificate"] === true,
    maxPathLength: inputs["maxPathLength"] === undefined ? undefined : integer(inputs, "maxPathLength"),
    setSubjectKeyId: inputs["setSubjectKeyId"] === true,
    setAuthorityKeyId: inputs["setAuthorityKeyId"] === true,
  };
}

function certificateState(issued: { serial: string; pem: string; notBefore: Date; notAfter: Date }, more: PropertyMap) {
  return {
    id: issued.serial,
    computed: {
      certPem: issued.pem,
      readyForRenewal: false,
      validityStartTime: issued.notBefore.toISOString(),
      validityEndTime: issued.notAfter.toISOString(),
      ...more,
    },
  };
}

function oneOf(inputs: PropertyMap, property: string, allowed: readonly string[]): CheckFailure[] {
  const value = inputs[property];
  return value === undefined || allowed.includes(String(value))
    ? []
    : [{ property, reason: `${property} is ${JSON.stringify(value)}, but must be one of ${allowed.join(", ")}` }];
}

/** Write-only arguments never reach the state; the built-in provider keeps everything there, so it has none. */
function refuseWriteOnly(inputs: PropertyMap): CheckFailure[] {
  return Object.keys(inputs)
    .filter((key) => key.endsWith("Wo"))
    .map((property) => ({
      property,
      reason: `the built-in provider has no ${property}: use ${property.slice(0, -2)}`,
    }));
}

/** By type token. */
export const RESOURCES: Readonly<Record<string, LocalResource>> = {
  "tls:index/privateKey:PrivateKey": privateKey,
  "tls:index/certRequest:CertRequest": certRequest,
  "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
  "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
};
