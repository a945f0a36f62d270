import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import exceptions from "../../../policy/exceptions.json";
import { policies } from "../../../policy/policies";
import { diffLines } from "../../../stacks/docs/diff";
import { renderPoliciesMarkdown } from "../../../stacks/docs/policies-md";
import { renderPulumiYaml } from "../../../stacks/docs/pulumi-yaml";
import { renderSettingsMarkdown } from "../../../stacks/docs/settings-md";
import { Settings } from "../../../stacks/settings/schema";
import { describeType, element, fields, unwrap } from "../../../stacks/settings/walk";

const root = join(__dirname, "../../..");

/** Every key of the schema, with the lists' elements. */
function allKeys(path: string, schema: z.ZodType): [string, z.ZodType][] {
  const inner = element(schema);
  const children = fields(inner ?? schema).flatMap(([key, field]) =>
    allKeys(`${path}${inner ? "[]" : ""}${path === "" ? "" : "."}${key}`, field),
  );
  return path === "" ? children : [[path, schema], ...children];
}

describe("the documentation", () => {
  it("is up to date (npm run docs)", () => {
    const project = readFileSync(join(root, "Pulumi.yaml"), "utf8");
    expect(diffLines(project, renderPulumiYaml(project))).toEqual([]);
    expect(diffLines(readFileSync(join(root, "docs/settings.md"), "utf8"), renderSettingsMarkdown())).toEqual([]);
  });

  it("lists every policy, and every key that a stack can set", () => {
    const text = renderPoliciesMarkdown(policies, exceptions);
    expect(readFileSync(join(root, "docs/policies.md"), "utf8")).toBe(text);
    for (const { name, configSchema } of policies) {
      expect(text).toContain(`| \`${name}\` |`);
      for (const key of Object.keys(configSchema?.properties ?? {}))
        expect(text).toContain(`| \`${name}\` | \`${key}\` |`);
    }
    for (const { resource, policy } of exceptions) expect(text).toContain(`| \`${resource}\` | \`${policy}\` |`);
  });

  it("has a description for every key", () => {
    const silent = allKeys("", Settings).filter(([, schema]) => !unwrap(schema).doc?.description);
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it("has a row for every leaf", () => {
    const text = renderSettingsMarkdown();
    const leaves = allKeys("", Settings).filter(([, schema]) => fields(schema).length === 0);
    expect(leaves.length).toBeGreaterThan(60);
    expect(leaves.filter(([path]) => !text.includes(`\n| \`${path}\` `)).map(([path]) => path)).toEqual([]);
  });
});

describe("Pulumi.yaml", () => {
  const current =
    '# top\nname: x\nruntime:\n  name: nodejs\n  options:\n    nodeargs: "--require tsx/cjs" # why\nmain: a.ts\n';

  it("keeps everything but config, comments included", () => {
    expect(renderPulumiYaml(current).startsWith(current)).toBe(true);
  });

  it("replaces an older config, and is stable", () => {
    const once = renderPulumiYaml(`${current}config:\n  orrery:gone:\n    type: string\n`);
    expect(once).not.toContain("gone");
    expect(renderPulumiYaml(once)).toBe(once);
  });

  it("declares each key with a default, or the CLI would insist on it", () => {
    const { config } = parse(renderPulumiYaml(current)) as { config: Record<string, Record<string, unknown>> };
    const insisted = Object.entries(config).filter(([, declaration]) => declaration["default"] === undefined);
    expect(insisted.map(([key]) => key)).toEqual(["orrery:environment"]);
    expect(config["orrery:pools"]).toMatchObject({ type: "array", items: { type: "object" }, default: [] });
    expect(config["orrery:network"]).toMatchObject({ type: "object", default: {} });
    expect(config["orrery:protection"]).toBeUndefined();
    expect(renderPulumiYaml(current)).toContain("orrery:protection: Deletion");
  });
});

describe("walk", () => {
  it.each([
    [z.number().int(), "integer"],
    [z.number().int().min(1).max(9), "integer, 1 to 9"],
    [z.number().int().min(1).default(3), "integer, at least 1"],
    [z.number().positive().optional(), "number above 0"],
    [z.number().max(5), "number, at most 5"],
    [z.array(z.string()), "list of strings"],
    [z.array(z.strictObject({})), "list of objects"],
    [z.record(z.string(), z.string()), "map of strings to strings"],
    [z.enum(["a", "b"]), "one of a, b"],
    [z.boolean(), "true or false"],
  ])("%#: %s", (schema, text) => {
    expect(describeType(schema)).toBe(text);
  });
});

describe("diffLines", () => {
  it.each([
    ["same", "same", []],
    ["a\nb\nc", "a\nc", ["-b"]],
    ["a\nc", "a\nb\nc", ["+b"]],
    ["a\nb", "a\nx", ["-b", "+x"]],
  ])("%j to %j", (current, wanted, lines) => {
    expect(diffLines(current, wanted)).toEqual(lines);
  });
});
