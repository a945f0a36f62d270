/** A range of IPv4 addresses, both ends included. */
export interface Range {
  text: string;
  from: number;
  to: number;
}

/** undefined: not an IPv4 CIDR. */
export function parseCidr(text: string): Range | undefined {
  const [, address = "", length = ""] = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(text.trim()) ?? [];
  const bytes = address.split(".").map(Number);
  const prefix = Number(length);
  if (address === "" || bytes.some((byte) => byte > 255) || prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const from = Math.floor(value / size) * size;
  return { text, from, to: from + size - 1 };
}

export const overlaps = (one: Range, other: Range) => one.from <= other.to && other.from <= one.to;
export const contains = (outer: Range, inner: Range) => outer.from <= inner.from && inner.to <= outer.to;
