import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { CheckFailure, PropertyMap } from "../framework";
import { type KubeObject, kindOfObject, nameOf } from "./objects";

/**
 * Custom resources are checked against the npm packages with their schemas where no folder with the real
 * definitions is at hand. The packages know types, enums and ranges; rules in CEL and unknown fields they let pass.
 */

const SCOPE = join("node_modules", "@kubernetes-models");

interface Model {
  validate(): void;
}

type ModelClass = new (data: PropertyMap) => Model;

/** What ajv reports about one place. */
interface SchemaError {
  instancePath?: string;
  message?: string;
  params?: Record<string, unknown>;
}

const folders = new Map<string, string | undefined>();

/** Why the object is not valid; empty when it is, or when no package knows its kind. */
export async function validateCustomResource(object: KubeObject): Promise<CheckFailure[]> {
  const { group, version, kind } = kindOfObject(object);
  if (!group.includes(".") || group.endsWith(".k8s.io") || !/^[A-Za-z]\w*$/.test(kind)) {
    return [];
  }
  const folder = folderOf(group);
  const file = folder === undefined ? "" : join(folder, version, `${kind}.js`);
  if (!existsSync(file)) {
    return [];
  }
  // Loaded when the first object of its kind comes: the packages are large.
  const models = (await import(pathToFileURL(file).href)) as Record<string, ModelClass | undefined>;
  const model = models[kind];
  return model === undefined ? [] : failuresOf(model, object);
}

function failuresOf(model: ModelClass, object: KubeObject): CheckFailure[] {
  try {
    new model(object).validate();
    return [];
  } catch (error) {
    const problems = (error as { errors?: SchemaError[] }).errors ?? [];
    const what = `${String(object["kind"])} ${nameOf(object)}`;
    if (problems.length === 0) {
      return [{ property: "", reason: `${what}: ${(error as Error).message}` }];
    }
    const failures = problems.map((problem) => ({
      property: pathOf(problem),
      reason: `${what}: ${messageOf(problem)}`,
    }));
    // Alternatives of a schema report the same thing once each.
    return [...new Map(failures.map((failure) => [JSON.stringify(failure), failure])).values()];
  }
}

/** `/spec/instances` -> `spec.instances`, as the engine writes paths. */
function pathOf(problem: SchemaError): string {
  const parts = (problem.instancePath ?? "").split("/").filter((part) => part !== "");
  return parts.reduce((path, part) => {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    return /^\d+$/.test(key) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
  }, "");
}

function messageOf(problem: SchemaError): string {
  const allowed = problem.params?.["allowedValues"];
  return `${problem.message ?? "is not valid"}${Array.isArray(allowed) ? ` (${allowed.join(", ")})` : ""}`;
}

/** The folder of the package that holds a group's kinds. */
function folderOf(group: string): string | undefined {
  if (!folders.has(group)) {
    const candidates = scopes(__dirname).flatMap((scope) => readdirSync(scope).map((name) => join(scope, name, group)));
    folders.set(group, candidates.find(existsSync));
  }
  return folders.get(group);
}

function scopes(folder: string): string[] {
  const here = join(folder, SCOPE);
  const parent = dirname(folder);
  return [...(existsSync(here) ? [here] : []), ...(parent === folder ? [] : scopes(parent))];
}
