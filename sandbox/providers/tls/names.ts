import { isIP } from "node:net";
import {
  AttributeTypeAndValue,
  AttributeValue,
  GeneralName,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
} from "@peculiar/asn1-x509";
import type { PropertyMap } from "../framework";
import { strings } from "../framework/local-resource";

/** Subject fields in the order in which Go writes them. */
const SUBJECT_FIELDS: readonly [field: string, type: string][] = [
  ["country", "2.5.4.6"],
  ["organization", "2.5.4.10"],
  ["organizationalUnit", "2.5.4.11"],
  ["locality", "2.5.4.7"],
  ["province", "2.5.4.8"],
  ["streetAddresses", "2.5.4.9"],
  ["postalCode", "2.5.4.17"],
  ["commonName", "2.5.4.3"],
  ["serialNumber", "2.5.4.5"],
];
const EMAIL_ADDRESS = "1.2.840.113549.1.9.1";

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

export function subjectName(subject: PropertyMap): Name {
  const name = new Name();
  for (const [field, type] of SUBJECT_FIELDS) {
    const value = subject[field];
    const values = Array.isArray(value) ? strings(value) : value === undefined || value === null ? [] : [String(value)];
    const attributes = values.filter((text) => text !== "").map((text) => attribute(type, directoryString(text)));
    if (attributes.length > 0) {
      name.push(new RelativeDistinguishedName(attributes));
    }
  }
  if (subject["emailAddress"]) {
    const email = new AttributeValue({ ia5String: String(subject["emailAddress"]) });
    name.push(new RelativeDistinguishedName([attribute(EMAIL_ADDRESS, email)]));
  }
  return name;
}

/** What the official provider takes over from a request: the fields that Go knows, so no email address. */
export function requestedSubject(subject: Name): Name {
  const known = new Set(SUBJECT_FIELDS.map(([, type]) => type));
  return new Name(subject.filter((rdn) => rdn.every(({ type }) => known.has(type))));
}

function attribute(type: string, value: AttributeValue): AttributeTypeAndValue {
  return new AttributeTypeAndValue({ type, value });
}

function directoryString(text: string): AttributeValue {
  return new AttributeValue(PRINTABLE.test(text) ? { printableString: text } : { utf8String: text });
}

export interface AlternativeNames {
  dnsNames: string[];
  ipAddresses: string[];
  uris: string[];
}

export function alternativeNames(inputs: PropertyMap): AlternativeNames {
  return {
    dnsNames: strings(inputs["dnsNames"]),
    ipAddresses: strings(inputs["ipAddresses"]),
    uris: strings(inputs["uris"]),
  };
}

/** @returns undefined when there are none, for then there is no extension */
export function subjectAlternativeName(names: AlternativeNames): SubjectAlternativeName | undefined {
  for (const address of names.ipAddresses) {
    if (isIP(address) === 0) {
      throw new Error(`Invalid IP address: Failed to parse ${JSON.stringify(address)}`);
    }
  }
  const general = [
    ...names.dnsNames.map((dNSName) => new GeneralName({ dNSName })),
    ...names.ipAddresses.map((iPAddress) => new GeneralName({ iPAddress })),
    ...names.uris.map((uniformResourceIdentifier) => new GeneralName({ uniformResourceIdentifier })),
  ];
  return general.length === 0 ? undefined : new SubjectAlternativeName(general);
}
