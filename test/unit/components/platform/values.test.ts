import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import Ajv2019 from "ajv/dist/2019";
import Ajv2020 from "ajv/dist/2020";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { shared } from "../shared";
import { type ValuesCase, valuesCases } from "./values";

const folder = shared("charts/values", "values against the charts' own values.yaml and schema");

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

/** Keys that are set and that the chart does not have: Helm would take them without a word. */
function unknownKeys(values: Tree, defaults: Tree, open: readonly string[], path = ""): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const here = path === "" ? key : `${path}.${key}`;
    if (!Object.hasOwn(defaults, key)) {
      return [here];
    }
    const inside = defaults[key];
    const free = open.includes(here) || !isTree(inside) || Object.keys(inside).length === 0;
    return isTree(value) && !free ? unknownKeys(value, inside, open, here) : [];
  });
}

/** Values of another type than the chart's default, where that says something. */
function wrongTypes(values: Tree, defaults: Tree, path = ""): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const here = path === "" ? key : `${path}.${key}`;
    const inside = defaults[key];
    if (isTree(value) && isTree(inside)) {
      return wrongTypes(value, inside, here);
    }
    const known = inside !== null && inside !== undefined;
    return known && kind(value) !== kind(inside) ? [`${here}: ${kind(value)} instead of ${kind(inside)}`] : [];
  });
}

function kind(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}

function merge(defaults: Tree, values: Tree): Tree {
  const merged = { ...defaults };
  for (const [key, value] of Object.entries(values)) {
    const inside = merged[key];
    merged[key] = isTree(value) && isTree(inside) ? merge(inside, value) : value;
  }
  return merged;
}

function textOf({ chart }: ValuesCase): string {
  return readFileSync(join(folder!, `${chart.name}-${chart.version}.yaml`), "utf8");
}

function defaultsOf(each: ValuesCase): Tree {
  // As Helm reads it: "yes" is true.
  const read = parse(textOf(each), { version: "1.1" }) as Tree;
  // Istio's charts keep their defaults under a key of their own, and lay the given values over what is in it.
  const inside = read["_internal_defaults_do_not_set"];
  return isTree(inside) ? inside : read;
}

describe.skipIf(folder === undefined).each(valuesCases)("values of $title", (each) => {
  it("set only keys that the chart has", () => {
    const unknown = unknownKeys(each.values, defaultsOf(each), each.open);
    expect(unknown.filter((path) => !each.commented?.includes(path))).toEqual([]);
    for (const path of each.commented ?? []) {
      expect(textOf(each), path).toMatch(new RegExp(`^ *# *${path.split(".").at(-1)}:`, "m"));
    }
  });

  it("have the types of the chart's defaults", () => {
    expect(wrongTypes(each.values, defaultsOf(each))).toEqual([]);
  });

  it("meet the chart's schema", () => {
    const path = join(folder!, `${each.chart.name}-${each.chart.version}.schema.json`);
    if (!existsSync(path)) {
      return;
    }
    const schema = JSON.parse(readFileSync(path, "utf8")) as { $schema?: string };
    const options = { strict: false, allErrors: true, validateFormats: false };
    // The same draft by another address, which ajv does not know.
    if (schema.$schema?.startsWith("https://json-schema.org/draft-07")) delete schema.$schema;
    const drafts = [
      { draft: "2020-12", of: Ajv2020 },
      { draft: "2019-09", of: Ajv2019 },
    ];
    const Draft = drafts.find(({ draft }) => schema.$schema?.includes(draft))?.of ?? Ajv;
    const ajv = new Draft(options);
    const check = ajv.compile(schema);
    check(merge(defaultsOf(each), each.values));
    expect(check.errors ?? []).toEqual([]);
  });
});

describe("the check itself", () => {
  it("finds a key that is not there, however deep", () => {
    expect(unknownKeys({ a: { b: 1, c: 2 } }, { a: { b: 0 } }, [])).toEqual(["a.c"]);
    expect(unknownKeys({ a: { c: 2 } }, { a: { b: 0 } }, ["a"])).toEqual([]);
    expect(unknownKeys({ a: { c: 2 } }, { a: {} }, [])).toEqual([]);
  });

  it("finds a value of another type", () => {
    expect(wrongTypes({ a: { b: 1 } }, { a: { b: "1" } })).toEqual(["a.b: number instead of string"]);
  });
});
