/**
 * Kubernetes quantities: "1000m" and "1" are the same amount of CPU, "1024Mi" and "1Gi" the same memory. The API
 * server answers in its canonical form, so comparing what was written with what is stored needs the amounts.
 */

const BINARY = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const QUANTITY = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/;

/** Nano units, exactly; undefined when the text is not a quantity. */
export function parseQuantity(value: string | number): bigint | undefined {
  const match = QUANTITY.exec(String(value).trim());
  if (match === null) {
    return undefined;
  }
  const [, sign, digits = "", suffix = ""] = match;
  const [whole = "", fraction = ""] = digits.split(".");
  const mantissa = BigInt(`${whole}${fraction}` || "0");
  const binary = BINARY.indexOf(suffix);
  const exponent = binary >= 0 ? 0 : (DECIMAL[suffix] ?? Number(suffix.slice(1)));
  const factor = binary >= 0 ? 1024n ** BigInt(binary + 1) : 1n;
  // Nine digits below one: the smallest quantity that Kubernetes keeps is 1n.
  const shift = 9 + exponent - fraction.length;
  const scaled = mantissa * factor;
  const nano = shift >= 0 ? scaled * 10n ** BigInt(shift) : scaled / 10n ** BigInt(-shift);
  return sign === "-" ? -nano : nano;
}

export function sameQuantity(left: string | number, right: string | number): boolean {
  const amount = parseQuantity(left);
  return amount !== undefined && amount === parseQuantity(right);
}
