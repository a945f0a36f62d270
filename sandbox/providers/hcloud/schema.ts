import {
  type CheckFailure,
  containsUnknown,
  isMap,
  type PropertyMap,
  type PropertyValue,
  Secret,
  Unknown,
  unwrapSecrets,
} from "../framework";

/** What an input is, and what its change means. */
export interface InputSpec {
  type: "string" | "number" | "boolean" | "labels" | "object" | "list" | "set";
  /** Of a list or set. @default "string" */
  items?: "string" | "number" | "object";
  required?: true;
  /** A change makes a new one. @default it is changed in place */
  replaces?: true;
  /** The API chooses when it is left out: leaving it out later changes nothing. */
  computed?: true;
  /** Recorded and compared when it is left out. */
  default?: PropertyValue;
  allowed?: readonly string[];
  /** The API never tells: a refresh keeps the input. */
  writeOnly?: true;
}

export type Inputs = Readonly<Record<string, InputSpec>>;

/** Converts numbers given as text and text given as numbers, as the official provider does, and reports the rest. */
export function coerceInputs(specs: Inputs, inputs: PropertyMap): { inputs: PropertyMap; failures: CheckFailure[] } {
  const failures: CheckFailure[] = [];
  const coerced: PropertyMap = {};
  for (const [key, value] of Object.entries(inputs)) {
    const spec = specs[key];
    if (key.startsWith("__")) {
      coerced[key] = value;
    } else if (spec === undefined) {
      failures.push({ property: key, reason: `${key} is not one of ${Object.keys(specs).join(", ")}` });
    } else if (value !== null) {
      coerced[key] = coerce(key, value, spec, failures);
    }
  }
  for (const [key, spec] of Object.entries(specs)) {
    if (spec.required && coerced[key] === undefined) {
      failures.push({ property: key, reason: `Missing required property '${key}'` });
    }
  }
  return { inputs: coerced, failures };
}

function coerce(path: string, value: PropertyValue, spec: InputSpec, failures: CheckFailure[]): PropertyValue {
  if (value instanceof Secret) {
    return new Secret(coerce(path, value.value, spec, failures));
  }
  if (value instanceof Unknown) {
    return value;
  }
  const fail = (wanted: string): PropertyValue => {
    failures.push({ property: path, reason: `${path} is ${JSON.stringify(value)}, but must be ${wanted}` });
    return value;
  };
  switch (spec.type) {
    case "string":
      return typeof value === "object" ? fail("text") : allowed(path, String(value), spec, failures);
    case "number": {
      const number = typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
      return Number.isNaN(number) || value === "" ? fail("a number") : number;
    }
    case "boolean":
      return value === true || value === "true"
        ? true
        : value === false || value === "false"
          ? false
          : fail("true or false");
    case "labels":
    case "object":
      return isMap(value) ? value : fail("an object");
    default: {
      const items = spec.items ?? "string";
      return Array.isArray(value)
        ? value.map((element, index) => coerce(`${path}[${index}]`, element, { type: items }, failures))
        : fail("a list");
    }
  }
}

function allowed(path: string, value: string, spec: InputSpec, failures: CheckFailure[]): string {
  if (spec.allowed && !spec.allowed.includes(value)) {
    failures.push({ property: path, reason: `${path} is "${value}", but must be one of ${spec.allowed.join(", ")}` });
  }
  return value;
}

/** The inputs with defaults filled in and secrets unwrapped. */
export function effectiveInputs(specs: Inputs, inputs: PropertyMap): PropertyMap {
  const result: PropertyMap = {};
  for (const [key, spec] of Object.entries(specs)) {
    const value = unwrapSecrets(inputs[key]) ?? spec.default;
    if (value !== undefined && value !== null) {
      result[key] = value;
    }
  }
  return result;
}

/** For comparison: sets in one order, no labels the same as none, and what the API chose left out where the program says nothing. */
export function comparable(specs: Inputs, inputs: PropertyMap): PropertyMap {
  const result = effectiveInputs(specs, inputs);
  for (const [key, value] of Object.entries(result)) {
    if (specs[key]?.type === "labels" && isMap(value) && Object.keys(value).length === 0) {
      delete result[key];
    }
    if (specs[key]?.type === "set" && Array.isArray(value) && !containsUnknown(value)) {
      result[key] = [...value].sort((left, right) => canonical(left).localeCompare(canonical(right)));
    }
  }
  return result;
}

function canonical(value: PropertyValue): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isMap(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a.localeCompare(b))) : inner,
  );
}

/**
 * Brings the recorded inputs up to what the API says, so that the next preview shows the drift. Of objects only what
 * the program gave is compared: the rest is the API's choice.
 */
export function driftedInputs(specs: Inputs, inputs: PropertyMap, actual: PropertyMap): PropertyMap {
  const result: PropertyMap = { ...inputs };
  for (const [key, spec] of Object.entries(specs)) {
    const recorded = inputs[key];
    const current = actual[key];
    if (spec.writeOnly || current === undefined) {
      continue;
    }
    if (recorded === undefined || recorded === null) {
      // Left out: only a value that is not the default has drifted.
      if (spec.default !== undefined && !spec.computed && canonical(current) !== canonical(spec.default)) {
        result[key] = current;
      }
      continue;
    }
    const plain = unwrapSecrets(recorded);
    const seen = spec.type === "labels" ? current : project(plain, current);
    const same = sameShape(spec, plain, seen);
    if (!same) {
      result[key] = recorded instanceof Secret ? new Secret(seen) : seen;
    }
  }
  return result;
}

function sameShape(spec: InputSpec, left: PropertyValue, right: PropertyValue): boolean {
  const sorted = (value: PropertyValue): string =>
    spec.type === "set" && Array.isArray(value) ? value.map(canonical).sort().join() : canonical(value);
  return sorted(left) === sorted(right);
}

/** Keeps of the current value what the recorded one has keys for. */
function project(recorded: PropertyValue, current: PropertyValue): PropertyValue {
  if (isMap(recorded) && isMap(current)) {
    return Object.fromEntries(
      Object.entries(recorded).map(([key, value]) => [key, project(value, current[key] ?? null)]),
    );
  }
  if (Array.isArray(recorded) && Array.isArray(current)) {
    const last = recorded.at(-1);
    return current.map((element, index) => {
      const shape = recorded[index] ?? last;
      return shape === undefined ? element : project(shape, element);
    });
  }
  return current;
}
