import { randomBytes } from "node:crypto";
import {
  type CheckFailure,
  changedKeys,
  type DiffResult,
  diffInputs,
  isMap,
  mirrorSecrets,
  type OperationContext,
  PartialFailure,
  type PropertyDiff,
  type PropertyMap,
  type PropertyValue,
  type ResourceHandler,
  UNKNOWN,
  unwrapSecrets,
} from "../framework";
import type { Action } from "./api-types";
import type { HcloudClient } from "./client";
import { type ApiError, hasCode, isNotFound } from "./errors";
import { coerceInputs, comparable, driftedInputs, effectiveInputs, type Inputs } from "./schema";

/** How far this machine's clock may be from Hetzner's. */
const CLOCK_SKEW_MS = 60_000;

/** One operation on the API. */
export interface Session {
  client: HcloudClient;
  context: OperationContext;
  signal: AbortSignal;
}

export interface UpdateState {
  id: string;
  /** What is there, in terms of inputs, defaults filled in. */
  before: PropertyMap;
  /** New inputs, defaults filled in. */
  after: PropertyMap;
  oldOutputs: PropertyMap;
  /** Whether an input differs. */
  changed(key: string): boolean;
}

/** One resource type of the API. Inputs arrive with defaults filled in and secrets unwrapped. */
export interface CloudResource {
  inputs: Inputs;
  /** Outputs that are not inputs. */
  outputs: readonly string[];
  /** `name` is made from the resource's own name when it is left out. */
  autoname?: true;
  /** What the schema cannot say. Unknown values are present: skip them. */
  validate?(inputs: PropertyMap): CheckFailure[];
  /** Differences beyond those of the inputs. */
  moreDiff?(inputs: PropertyMap): Record<string, PropertyDiff>;
  /** Changed inputs that make no difference. */
  suppress?(before: PropertyMap, after: PropertyMap): readonly string[];
  /**
   * Makes it. `created` records the id as soon as there is something that costs money or takes a name, so that it
   * is not lost if a later step fails.
   */
  create(session: Session, inputs: PropertyMap, created: (id: string) => void): Promise<string>;
  /** @returns the outputs, or undefined when it is gone. `known` is what the state has. */
  read(session: Session, id: string, known: PropertyMap): Promise<PropertyMap | undefined>;
  /** @default every change replaces */
  update?(session: Session, state: UpdateState): Promise<void>;
  delete(session: Session, id: string, known: PropertyMap): Promise<void>;
}

export function cloudResource(resource: CloudResource, client: HcloudClient): ResourceHandler {
  const session = (context: OperationContext): Session => ({ client, context, signal: context.signal });
  const outputsOf = (inputs: PropertyMap, read: PropertyMap): PropertyMap =>
    mirrorSecrets(inputs, { ...effectiveInputs(resource.inputs, inputs), ...read });

  return {
    async check({ oldInputs, newInputs, name }) {
      const { inputs, failures } = coerceInputs(resource.inputs, autonamed(resource, oldInputs, newInputs, name));
      if (failures.length === 0 && resource.validate) {
        failures.push(...resource.validate(effectiveInputs(resource.inputs, inputs)));
      }
      return { inputs, failures };
    },

    async diff({ oldInputs, newInputs }) {
      return diffCloud(resource, oldInputs, newInputs);
    },

    async create(inputs, context) {
      if (context.preview) {
        const unknown = Object.entries(resource.inputs)
          .filter(([key, spec]) => spec.computed && (inputs[key] === undefined || inputs[key] === null))
          .map(([key]) => key);
        const outputs = Object.fromEntries([...resource.outputs, ...unknown].map((key) => [key, UNKNOWN]));
        return { id: "", outputs: outputsOf(inputs, outputs) };
      }
      const plain = effectiveInputs(resource.inputs, inputs);
      let made: string | undefined;
      try {
        const id = await resource.create(session(context), plain, (created) => {
          made = created;
        });
        made = id;
        const outputs = await resource.read(session(context), id, plain);
        if (outputs === undefined) {
          throw new Error(`hcloud: ${context.type} ${id} is gone right after it was made: run \`pulumi up\` again`);
        }
        return { id, outputs: outputsOf(inputs, outputs) };
      } catch (error) {
        if (made === undefined) {
          throw error;
        }
        throw new PartialFailure((error as Error).message, made, outputsOf(inputs, {}), inputs);
      }
    },

    async read({ id, inputs, outputs }, context) {
      const known = unwrapSecrets(outputs);
      const current = await resource.read(session(context), id, known);
      if (current === undefined) {
        return undefined;
      }
      const imported = Object.keys(inputs).length === 0;
      const actualInputs = imported
        ? importedInputs(resource.inputs, current)
        : driftedInputs(resource.inputs, inputs, current);
      const all = imported
        ? { ...effectiveInputs(resource.inputs, actualInputs), ...current }
        : { ...known, ...current };
      return { id, inputs: actualInputs, outputs: mirrorSecrets(inputs, all) };
    },

    async update({ id, oldInputs, oldOutputs, newInputs }, context) {
      const known = unwrapSecrets(oldOutputs);
      const after = effectiveInputs(resource.inputs, newInputs);
      if (context.preview) {
        return mirrorSecrets(newInputs, { ...known, ...after });
      }
      // From what is there: an earlier operation may have failed half-way, and the state has what it wanted.
      const actual = await resource.read(session(context), id, { ...known, ...after });
      if (actual === undefined) {
        throw new Error(`hcloud: ${context.type} ${id} is gone: run \`pulumi refresh\`, then \`pulumi up\``);
      }
      const before = driftedInputs(resource.inputs, oldInputs, actual);
      const changes = changedKeys(diffCloud(resource, before, newInputs));
      await resource.update?.(session(context), {
        id,
        before: effectiveInputs(resource.inputs, before),
        after,
        oldOutputs: known,
        changed: (key) => changes.includes(key),
      });
      const outputs = await resource.read(session(context), id, { ...known, ...after });
      if (outputs === undefined) {
        throw new Error(`hcloud: ${context.type} ${id} is gone: run \`pulumi refresh\`, then \`pulumi up\``);
      }
      const kept = Object.fromEntries(resource.outputs.map((key) => [key, known[key] ?? null]));
      return outputsOf(newInputs, { ...kept, ...outputs });
    },

    async delete({ id, outputs }, context) {
      try {
        await resource.delete(session(context), id, unwrapSecrets(outputs));
      } catch (error) {
        if (!isNotFound(error)) {
          throw error;
        }
      }
    },
  };
}

function diffCloud(resource: CloudResource, oldInputs: PropertyMap, newInputs: PropertyMap): DiffResult {
  const specs = resource.inputs;
  const before = comparable(specs, oldInputs);
  const after = comparable(specs, newInputs);
  const ignore = Object.entries(specs)
    .filter(([key, spec]) => spec.computed && after[key] === undefined)
    .map(([key]) => key);
  const diff = diffInputs(before, after, {
    replaceOn: Object.keys(specs).filter((key) => specs[key]!.replaces),
    ignore: [...ignore, ...(resource.suppress?.(before, after) ?? [])],
    stables: resource.outputs,
    deleteBeforeReplace: keepsName(resource, oldInputs, newInputs),
  });
  return { ...diff, detailedDiff: { ...resource.moreDiff?.(after), ...diff.detailedDiff } };
}

/** A name that the program chose can only be taken again once the old one is gone. */
function keepsName(resource: CloudResource, oldInputs: PropertyMap, newInputs: PropertyMap): boolean {
  return (
    resource.autoname === true &&
    !autonames(newInputs).includes("name") &&
    unwrapSecrets(oldInputs["name"]) === unwrapSecrets(newInputs["name"])
  );
}

/** The official providers record under this key which inputs they chose. */
function autonames(inputs: PropertyMap): PropertyValue[] {
  const defaults = inputs["__defaults"];
  return Array.isArray(defaults) ? defaults : [];
}

function autonamed(resource: CloudResource, oldInputs: PropertyMap, inputs: PropertyMap, name: string): PropertyMap {
  if (!resource.autoname || (inputs["name"] ?? undefined) !== undefined) {
    return inputs;
  }
  const kept = autonames(oldInputs).includes("name") ? oldInputs["name"] : undefined;
  return { ...inputs, __defaults: ["name"], name: kept ?? `${name}-${randomBytes(4).toString("hex").slice(0, 7)}` };
}

/** What a program would have to say to describe what is there. */
function importedInputs(specs: Inputs, outputs: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(specs)
      .map(([key, spec]) => ({ key, spec, value: outputs[key] }))
      .filter(({ value, spec }) => value !== undefined && value !== null && !isEmpty(value) && value !== spec.default)
      .map(({ key, value }) => [key, value as PropertyValue]),
  );
}

function isEmpty(value: PropertyValue): boolean {
  return Array.isArray(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0;
}

/**
 * Orders something that has a name. If an answer was lost on the way, what it was about is looked for by its name: it
 * exists and costs money. Only what was made since the request began can be ours.
 */
export async function order<T extends object>(
  session: Session,
  path: string,
  key: string,
  fields: Record<string, unknown>,
): Promise<T> {
  const { client, signal } = session;
  const began = Date.now();
  try {
    return await client.post<T>(path, fields, signal);
  } catch (error) {
    if (!hasCode(error, "uniqueness_error") || !(error as ApiError).afterLostAnswer) {
      throw error;
    }
    const query: [string, string][] = [["name", String(fields["name"])]];
    const [found] = await client.list<{ id: number; created: string }>(path, path.slice(1), query, signal);
    if (found === undefined || Date.parse(found.created) < began - CLOCK_SKEW_MS) {
      throw error;
    }
    const next_actions = await actionsOf(session, `${path}/${found.id}`);
    return { [key]: found, action: null, actions: [], next_actions } as unknown as T;
  }
}

/** Keys and groups have no actions, and no address for them. */
async function actionsOf({ client, signal }: Session, path: string): Promise<Action[]> {
  try {
    return await client.list<Action>(`${path}/actions`, "actions", [], signal);
  } catch (error) {
    if (isNotFound(error)) {
      return [];
    }
    throw error;
  }
}

/** GETs one object; undefined when it is gone. */
export async function find<T>(session: Session, path: string, key: string): Promise<T | undefined> {
  try {
    return (await session.client.get<Record<string, T>>(path, session.signal))[key];
  } catch (error) {
    if (isNotFound(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Numbers and names as the provider's schema has them: a number for a number, text for text. */
export function text(value: PropertyValue | undefined): string {
  return String(value);
}

export function optional<T>(value: T | null | undefined): T | undefined {
  return value ?? undefined;
}

/** Leaves out what is undefined, for request bodies. */
export function body(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
