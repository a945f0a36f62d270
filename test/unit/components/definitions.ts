import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import type { Data } from "./recorder";

/** Alternatives only add conditions to the object that they are in: its fields are named beside them. */
const CONDITIONS = ["anyOf", "oneOf", "allOf", "not"];

/** The OpenAPI schema with every object closed, as the API server refuses unknown fields. */
function closed(schema: unknown, close = true): unknown {
  if (Array.isArray(schema)) {
    return schema.map((each) => closed(each, close));
  }
  if (typeof schema !== "object" || schema === null) {
    return schema;
  }
  const copy = Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => key !== "pattern" || isPattern(value))
      .map(([key, value]) => [key, closed(value, close && !CONDITIONS.includes(key))]),
  );
  const open = "additionalProperties" in copy || copy["x-kubernetes-preserve-unknown-fields"] === true;
  return "properties" in copy && close && !open ? { ...copy, additionalProperties: false } : copy;
}

/** Some patterns are Go's own dialect; a property may also be called "pattern". */
function isPattern(value: unknown): boolean {
  try {
    return typeof value !== "string" || new RegExp(value, "u") !== undefined;
  } catch {
    return false;
  }
}

/** Checks objects against the definition `<plural>.<group>` in a folder; a field that is not there is an error. */
export function definitionCheck(folder: string, definition: string) {
  const text = readFileSync(join(folder, `${definition}.json`), "utf8");
  const versions = (
    JSON.parse(text) as { spec: { versions: { storage: boolean; schema: { openAPIV3Schema: Data } }[] } }
  ).spec.versions;
  const schema = versions.find(({ storage }) => storage)!.schema.openAPIV3Schema;
  const { metadata: _, ...properties } = schema["properties"] as Data;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  // Every object has these, also where its definition does not say so.
  const always = { apiVersion: true, kind: true, metadata: true };
  return ajv.compile(closed({ ...schema, properties: { ...always, ...properties, metadata: true } }) as object);
}
