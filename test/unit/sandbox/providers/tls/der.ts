import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";

function parse(pem: string): Certificate {
  return AsnConvert.parse(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64"), Certificate);
}

/** The extensions in their order, values as DER in hex. */
export function extensionsOf(pem: string): { id: string; critical: boolean; value: string }[] {
  return [...(parse(pem).tbsCertificate.extensions ?? [])].map(({ extnID, critical, extnValue }) => ({
    id: extnID,
    critical,
    value: Buffer.from(extnValue.buffer).toString("hex"),
  }));
}

/** Which kind of string each part of the subject is. */
export function stringTypes(pem: string): Record<string, string> {
  const attributes = [...parse(pem).tbsCertificate.subject].flatMap((rdn) => [...rdn]);
  return Object.fromEntries(
    attributes.map(({ value }) => [
      value.printableString ?? value.utf8String ?? "",
      value.printableString === undefined ? "UTF8String" : "PrintableString",
    ]),
  );
}
