import { changedKeys, diffInputs } from "./diff";
import type {
  CheckFailure,
  DiffResult,
  OperationContext,
  PropertyDiff,
  ResourceHandler,
  ResourceState,
} from "./handler";
import {
  containsUnknown,
  isMap,
  markSecret,
  mirrorSecrets,
  type PropertyMap,
  type PropertyValue,
  UNKNOWN,
  unwrapSecrets,
} from "./values";

/** A resource that exists only in the state, because the provider computes it once: a random value, a certificate. */
export interface LocalResource {
  required: readonly string[];
  /** What an input is when it is left out; such inputs are outputs too. */
  defaults?: PropertyMap;
  /** Outputs that are not inputs. */
  computed: readonly string[];
  /** Outputs that are always secret. @default [] */
  secrets?: readonly string[];
  /** Inputs whose change keeps what was computed. @default [], every change replaces */
  updatable?: readonly string[];
  /** Inputs whose change means nothing. @default [] */
  ignored?: readonly string[];
  /** Checks inputs that are known; secrets are unwrapped. */
  validate?(inputs: PropertyMap): CheckFailure[];
  /** Makes the computed outputs from known inputs, defaults filled in, secrets unwrapped. */
  generate(inputs: PropertyMap, context: OperationContext): Promise<{ id: string; computed: PropertyMap }>;
  /** What time has done to it: differences although no input changed. @default none */
  aging?(outputs: PropertyMap, newInputs: PropertyMap): Record<string, PropertyDiff>;
  /** Outputs that a refresh brings up to date. @default none */
  refresh?(outputs: PropertyMap): PropertyMap;
  /** Rebuilds inputs and outputs from the id that `pulumi import` was given. @default it cannot be imported */
  import?(id: string): Promise<{ id: string; inputs: PropertyMap; computed: PropertyMap }>;
}

export function localResource(resource: LocalResource): ResourceHandler {
  const effective = (inputs: PropertyMap): PropertyMap => withDefaults(resource.defaults ?? {}, inputs);
  const state = (inputs: PropertyMap, computed: PropertyMap): PropertyMap =>
    markSecret(mirrorSecrets(inputs, { ...effective(inputs), ...computed }), resource.secrets ?? []);

  return {
    async check({ newInputs }) {
      return { inputs: newInputs, failures: checkLocal(resource, effective(newInputs)) };
    },

    async diff({ oldInputs, oldOutputs, newInputs }): Promise<DiffResult> {
      const inputDiff = diffLocal(resource, effective(oldInputs), effective(newInputs));
      const aging = resource.aging?.(unwrapSecrets(oldOutputs), unwrapSecrets(effective(newInputs))) ?? {};
      return { ...inputDiff, detailedDiff: { ...inputDiff.detailedDiff, ...aging } };
    },

    async create(inputs, context): Promise<ResourceState> {
      if (context.preview) {
        return { id: "", outputs: state(inputs, unknowns(resource.computed)) };
      }
      const { id, computed } = await resource.generate(unwrapSecrets(effective(inputs)), context);
      return { id, outputs: state(inputs, computed) };
    },

    async read({ id, inputs, outputs }) {
      if (Object.keys(outputs).length > 0) {
        return { id, inputs, outputs: { ...outputs, ...resource.refresh?.(unwrapSecrets(outputs)) } };
      }
      if (resource.import === undefined) {
        throw new Error("this resource cannot be imported: what it was made from is only in the state that made it");
      }
      const imported = await resource.import(id);
      return { id: imported.id, inputs: imported.inputs, outputs: state(imported.inputs, imported.computed) };
    },

    async update({ oldOutputs, newInputs }) {
      const kept = Object.entries(oldOutputs).filter(([key]) => resource.computed.includes(key));
      return state(newInputs, Object.fromEntries(kept));
    },

    async delete() {},
  };
}

function withDefaults(defaults: PropertyMap, inputs: PropertyMap): PropertyMap {
  const given = Object.entries(inputs).filter(([key, value]) => value !== null && !key.startsWith("__"));
  return { ...defaults, ...Object.fromEntries(given) };
}

function unknowns(keys: readonly string[]): PropertyMap {
  return Object.fromEntries(keys.map((key) => [key, UNKNOWN]));
}

function checkLocal(resource: LocalResource, inputs: PropertyMap): CheckFailure[] {
  const missing = resource.required
    .filter((property) => inputs[property] === undefined)
    .map((property) => ({ property, reason: `${property} is required` }));
  if (missing.length > 0) {
    return missing;
  }
  const known = Object.entries(inputs).filter(([, value]) => !containsUnknown(value));
  return resource.validate?.(unwrapSecrets(Object.fromEntries(known))) ?? [];
}

function diffLocal(resource: LocalResource, before: PropertyMap, after: PropertyMap): DiffResult {
  const updatable = resource.updatable ?? [];
  const replaceOn = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => !updatable.includes(key),
  );
  const diff = diffInputs(before, after, { replaceOn, ignore: resource.ignored });
  const replaced = changedKeys(diff).some((key) => replaceOn.includes(key));
  return { ...diff, stables: replaced ? [] : [...resource.computed] };
}

/** Reads a whole number from checked inputs. */
export function integer(inputs: PropertyMap, key: string): number {
  return Number(inputs[key]);
}

/** Reads a list of strings from checked inputs; left out means empty. */
export function strings(value: PropertyValue | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Reads an object from checked inputs; left out means empty. */
export function object(value: PropertyValue | undefined): PropertyMap {
  return isMap(value) ? value : {};
}
