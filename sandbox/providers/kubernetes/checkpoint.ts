import {
  containsSecret,
  isMap,
  type PropertyMap,
  type PropertyValue,
  Secret,
  secret,
  unwrapSecrets,
} from "../framework";
import { fromKubernetes, toKubernetes } from "./normalize";
import { isSecret, type KubeObject, text } from "./objects";

/** Where the official provider keeps what it needs beside the object; the same names, so that states fit both. */
const INPUTS = "__inputs";
const FIELD_MANAGER = "__fieldManager";
const INITIAL_API_VERSION = "__initialApiVersion";

export interface Checkpoint {
  inputs: KubeObject;
  live: KubeObject;
  fieldManager?: string;
  initialApiVersion?: string;
}

/** What goes into the state: the live object, its inputs and our bookkeeping, with secrets marked. */
export function writeCheckpoint(checkpoint: Required<Checkpoint>, from: PropertyMap): PropertyMap {
  const { inputs, live, fieldManager, initialApiVersion } = checkpoint;
  return {
    ...markSecrets(fromKubernetes(live), from),
    [INPUTS]: markSecrets(fromKubernetes(inputs), from),
    [INITIAL_API_VERSION]: initialApiVersion,
    [FIELD_MANAGER]: fieldManager,
  };
}

export function readCheckpoint(state: PropertyMap): Checkpoint {
  const plain = toKubernetes(unwrapSecrets(state));
  const { [INPUTS]: inputs, [INITIAL_API_VERSION]: _version, [FIELD_MANAGER]: _manager, ...live } = plain;
  return {
    inputs: isMap(inputs) ? inputs : {},
    live,
    fieldManager: text(plain, FIELD_MANAGER) || undefined,
    initialApiVersion: text(plain, INITIAL_API_VERSION) || undefined,
  };
}

/**
 * Marks outputs secret where the inputs are, key by key. A Secret's data and stringData are secret whatever the
 * program said.
 */
export function markSecrets(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  if (isSecret(outputs)) {
    const marked = { ...outputs };
    for (const key of ["data", "stringData"]) {
      const value = marked[key];
      if (value !== undefined && value !== null) {
        marked[key] = secret(value);
      }
    }
    return marked;
  }
  return mirror(outputs, inputs);
}

function mirror(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  const marked: PropertyMap = { ...outputs };
  for (const [key, input] of Object.entries(inputs)) {
    const output: PropertyValue | undefined = marked[key];
    if (output === undefined || output === null || output instanceof Secret) {
      continue;
    }
    if (isMap(output) && isMap(input)) {
      marked[key] = mirror(output, input);
    } else if (containsSecret(input)) {
      marked[key] = secret(output);
    }
  }
  return marked;
}
