const units: Record<string, number> = {
  "": 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A Kubernetes quantity as a number ("250m" is 0.25, "1Gi" 1073741824); NaN when it is none. */
export function quantity(value: unknown): number {
  if (typeof value === "number") return value;
  const [, digits, exponent, unit] = /^([+-]?[0-9.]+)(?:[eE]([+-]?[0-9]+)|([A-Za-z]{0,2}))$/.exec(String(value)) ?? [];
  if (digits === undefined) return Number.NaN;
  if (exponent !== undefined) return Number(digits) * 10 ** Number(exponent);
  return Number(digits) * (units[unit ?? ""] ?? Number.NaN);
}

/** Memory or storage in bytes. */
export const bytes = (value: unknown) => quantity(value);

/** CPU in cores, to the millicore: what the scheduler counts in. */
export const cores = (value: unknown) => Math.ceil(quantity(value) * 1000) / 1000;
