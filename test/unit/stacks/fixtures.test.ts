import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { estimateCost, marketRules, priceTable } from "../../../components/hetzner/market";
import { parseSettings, priceSettings, readStackFile, SettingsError } from "../../../stacks/settings";
import { shapeRules } from "../../../stacks/settings/messages";
import { showValue } from "../../../stacks/settings/problem";
import { rules } from "../../../stacks/settings/rules/index";

const root = join(__dirname, "../../..");
const mustFail = join(root, "test/fixtures/settings/must-fail");
const mustPass = join(root, "test/fixtures/settings/must-pass");
const presets = join(root, "stacks/presets");

/**
 * Rules that the table cannot break: it has no deprecated type, no small disk, and takes five control planes. And those
 * that more hosts and ports than there are would break: gateway-rules.test.ts.
 */
const testedWithoutFixture = new Set([
  "gateway-load-balancer-ports",
  "gateway-hosts",
  "tcp-port-unique",
  "server-type-disk",
  "server-type-deprecated",
  "load-balancer-deprecated",
  "load-balancer-targets",
]);
const allRules = [...shapeRules, ...rules.map(({ id }) => id), ...marketRules, "cost-ceiling"];

function yamlFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".yaml"));
}

function check(text: string): ReturnType<typeof priceSettings> {
  return priceSettings(parseSettings(readStackFile(text)), priceTable);
}

function problemsOf(text: string): SettingsError {
  try {
    check(text);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error("these settings were accepted");
}

function header(text: string, key: string): string {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`# ${key}: `));
  if (!line) throw new Error(`no "# ${key}: " in the header`);
  return line.slice(`# ${key}: `.length);
}

describe("must-fail settings", () => {
  const files = yamlFiles(mustFail);

  it.each(files)("%s breaks its rule and no other", (file) => {
    const text = readFileSync(join(mustFail, file), "utf8");
    const rule = header(text, "rule");
    expect(file.replace(/(--.*)?\.yaml$/, "")).toBe(rule);
    const error = problemsOf(text);
    expect(error.problems.map((problem) => problem.rule)).toEqual(error.problems.map(() => rule));
    const problem = error.problems[0]!;
    expect(problem.path).toBe(header(text, "path"));
    expect(problem.message).toContain(header(text, "message"));
  });

  it.each(files)("%s: the message gives path, value, what is allowed, and the fix", (file) => {
    const error = problemsOf(readFileSync(join(mustFail, file), "utf8"));
    for (const problem of error.problems) {
      for (const text of [problem.message, problem.allowed, problem.fix]) expect(text).toMatch(/\S{2}/);
      expect(error.message).toContain(`orrery:${problem.path} = ${showValue(problem.value, problem.path)}`);
      expect(error.message).toContain(`${problem.message} [${problem.rule}]`);
      expect(error.message).toContain(`allowed: ${problem.allowed}`);
      expect(error.message).toContain(`fix: ${problem.fix}`);
      expect(error.message).not.toMatch(/undefined|NaN|\[object/);
    }
  });

  it("every rule has a fixture, and no id stands twice", () => {
    const shown = new Set(files.map((file) => file.replace(/(--.*)?\.yaml$/, "")));
    expect(allRules.filter((id) => !shown.has(id) && !testedWithoutFixture.has(id))).toEqual([]);
    expect(new Set(allRules).size).toBe(allRules.length);
  });

  it("every fixture names a rule", () => {
    const named = files.map((file) => file.replace(/(--.*)?\.yaml$/, ""));
    expect(named.filter((id) => !allRules.includes(id))).toEqual([]);
  });
});

describe("must-pass settings", () => {
  const files = [
    ...yamlFiles(mustPass).map((name) => join(mustPass, name)),
    ...yamlFiles(presets).map((name) => join(presets, name)),
    ...["Pulumi.dev.yaml", "Pulumi.prod.yaml"].map((name) => join(root, name)),
  ];

  it.each(files.map((file) => file.slice(root.length + 1)))("%s is accepted", (file) => {
    const estimate = check(readFileSync(join(root, file), "utf8"));
    expect(estimate.totalMonthlyEur).toBeGreaterThan(0);
  });

  it("presets have a price for everything", () => {
    for (const name of yamlFiles(presets)) {
      const settings = parseSettings(readStackFile(readFileSync(join(presets, name), "utf8")));
      expect(estimateCost(settings, priceTable).unpriced, name).toEqual([]);
    }
  });
});
