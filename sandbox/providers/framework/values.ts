/**
 * What the engine sends and expects: JSON plus two explicit wrappers. Nothing else in the providers knows how
 * unknown and secret values look on the wire.
 */
export type PropertyValue = null | boolean | number | string | PropertyValue[] | PropertyMap | Unknown | Secret;

export interface PropertyMap {
  [key: string]: PropertyValue;
}

/** A value that is only known after `up`: it comes from a resource that this preview does not create. */
export class Unknown {
  toString(): string {
    return "(known after up)";
  }
}

/** The one unknown value; compare with `instanceof Unknown`. */
export const UNKNOWN = new Unknown();

/** A value that the engine encrypts in the state and hides in its output. */
export class Secret {
  constructor(readonly value: PropertyValue) {}

  toString(): string {
    return "[secret]";
  }

  /** Keeps an accidental JSON.stringify from printing the value. */
  toJSON(): string {
    return "[secret]";
  }
}

/** Wraps a value as secret; a secret or unknown value stays what it is. */
export function secret(value: PropertyValue): PropertyValue {
  return value instanceof Secret ? value : new Secret(value);
}

export function isMap(value: unknown): value is PropertyMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown) &&
    !(value instanceof Secret)
  );
}

export function containsUnknown(value: PropertyValue | undefined): boolean {
  return contains(value, (candidate) => candidate instanceof Unknown);
}

export function containsSecret(value: PropertyValue | undefined): boolean {
  return contains(value, (candidate) => candidate instanceof Secret);
}

function contains(value: PropertyValue | undefined, test: (value: PropertyValue) => boolean): boolean {
  if (value === undefined) {
    return false;
  }
  if (test(value)) {
    return true;
  }
  if (value instanceof Secret) {
    return contains(value.value, test);
  }
  if (Array.isArray(value)) {
    return value.some((element) => contains(element, test));
  }
  return isMap(value) && Object.values(value).some((element) => contains(element, test));
}

/** The value without its secret wrappers, at every depth; unknowns stay. */
export function unwrapSecrets<T extends PropertyValue | undefined>(value: T): T;
export function unwrapSecrets(value: PropertyValue | undefined): PropertyValue | undefined {
  if (value instanceof Secret) {
    return unwrapSecrets(value.value);
  }
  if (Array.isArray(value)) {
    return value.map((element) => unwrapSecrets(element));
  }
  if (isMap(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, unwrapSecrets(element)]));
  }
  return value;
}

/**
 * Marks outputs secret where the input of the same name is, as the engine does for the official providers: objects
 * are merged key by key, an array with one secret element becomes secret as a whole.
 */
export function mirrorSecrets(inputs: PropertyMap, outputs: PropertyMap): PropertyMap {
  const marked: PropertyMap = { ...outputs };
  for (const [key, input] of Object.entries(inputs)) {
    const output = marked[key];
    if (output === undefined || output === null || output instanceof Secret) {
      continue;
    }
    if (isMap(input) && isMap(output)) {
      marked[key] = mirrorSecrets(input, output);
    } else if (containsSecret(input)) {
      marked[key] = new Secret(output);
    }
  }
  return marked;
}

/** Marks the named outputs secret, whatever the inputs were. */
export function markSecret(outputs: PropertyMap, keys: readonly string[]): PropertyMap {
  const marked: PropertyMap = { ...outputs };
  for (const key of keys) {
    const value = marked[key];
    if (value !== undefined && value !== null) {
      marked[key] = secret(value);
    }
  }
  return marked;
}

/** Whether two values are the same, secret wrappers apart. An unknown is never the same as anything. */
export function sameValue(left: PropertyValue | undefined, right: PropertyValue | undefined): boolean {
  if (left instanceof Secret || right instanceof Secret) {
    return sameValue(left instanceof Secret ? left.value : left, right instanceof Secret ? right.value : right);
  }
  if (left instanceof Unknown || right instanceof Unknown) {
    return false;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((element, index) => sameValue(element, right[index]));
  }
  if (isMap(left) && isMap(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].every((key) => sameValue(left[key] ?? undefined, right[key] ?? undefined));
  }
  return (left ?? undefined) === (right ?? undefined);
}
