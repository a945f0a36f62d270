import ipaddr from "ipaddr.js";

/** An address range, parsed: its first and last address as numbers. */
export interface Range {
  text: string;
  version: 4 | 6;
  prefix: number;
  first: bigint;
  last: bigint;
  /** Whether no host bit is set, e.g. 10.0.0.0/16 but not 10.0.0.1/16. */
  canonical: boolean;
}

const bits = { 4: 32, 6: 128 } as const;

/** Parses CIDR notation; undefined when it is none. Leading zeros and shortened IPv4 addresses are none. */
export function parseCidr(text: string): Range | undefined {
  const match = /^([0-9a-fA-F.:]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  if (!match) return undefined;
  const address = parseAddress(match[1]!);
  const prefix = Number(match[2]);
  if (!address || prefix > bits[address.version]) return undefined;
  const host = (1n << BigInt(bits[address.version] - prefix)) - 1n;
  const first = address.value & ~host;
  return {
    text,
    version: address.version,
    prefix,
    first,
    last: first | host,
    canonical: first === address.value,
  };
}

/** An address as a number; undefined when it is none. */
export function parseAddress(text: string): { version: 4 | 6; value: bigint } | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    if (/(^|\.)0\d/.test(text)) return undefined;
    return { version: 4, value: toNumber(ipaddr.IPv4.parse(text).toByteArray()) };
  }
  if (ipaddr.IPv6.isValid(text) && !text.includes("%")) {
    return { version: 6, value: toNumber(ipaddr.IPv6.parse(text).toByteArray()) };
  }
  return undefined;
}

export function overlaps(a: Range, b: Range): boolean {
  return a.version === b.version && a.first <= b.last && b.first <= a.last;
}

export function contains(outer: Range, inner: Range): boolean {
  return outer.version === inner.version && outer.first <= inner.first && inner.last <= outer.last;
}

/** The range with its host bits cleared, as text: 10.0.0.1/16 becomes 10.0.0.0/16. */
export function canonicalText({ version, first, prefix }: Range): string {
  return `${addressText(version, first)}/${prefix}`;
}

/** Ranges that Hetzner takes for private networks (RFC 1918). */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((text) => parseCidr(text)!);

export function isPrivate(range: Range): boolean {
  return privateRanges.some((outer) => contains(outer, range));
}

function addressText(version: 4 | 6, value: bigint): string {
  const length = bits[version] / 8;
  const bytes = Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 255n));
  return ipaddr.fromByteArray(bytes).toString();
}

function toNumber(bytes: number[]): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
