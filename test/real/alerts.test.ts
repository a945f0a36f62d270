import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Signals } from "../../components/kit/signals";
import { repository, toolsDirectory } from "../../sandbox/paths";
import { createProgress } from "../../sandbox/progress";
import { ensureTools } from "../../sandbox/tools/build";
import { testToolModules } from "../../sandbox/tools/catalog";
import { alerts } from "../../stacks/observed/alerts";
import { alertCases } from "../alerts";
import { missingCases } from "../alerts/complete";
import { promtoolFiles, RUNBOOKS } from "../alerts/promtool";

const MINUTES = 60_000;
const execute = promisify(execFile);
const signals: readonly Signals[] = Object.values(alerts).flat();

let folder: string;

/** promtool's own words, whether it is content or not. */
async function promtool(...args: string[]): Promise<string> {
  const program = path.join(toolsDirectory, "promtool");
  const { stdout, stderr } = await execute(program, args, { cwd: folder }).catch(
    (failure: { stdout: string; stderr: string }) => failure,
  );
  return `${stdout}\n${stderr}`;
}

describe("alert and recording rules, read and tried by the real promtool", () => {
  beforeAll(async () => {
    const wanted = testToolModules(repository).filter(({ name }) => name === "prometheus");
    await ensureTools(createProgress(process.stderr), wanted);
    folder = await mkdtemp(path.join(tmpdir(), "orrery-alerts-"));
    for (const each of signals) {
      const cases = alertCases.find(({ area }) => area === each.area) ?? { area: each.area, alerts: [] };
      const { rules, tests } = promtoolFiles(each, cases);
      await writeFile(path.join(folder, `${each.area}.rules.yaml`), rules);
      await writeFile(path.join(folder, `${each.area}.test.yaml`), tests);
    }
  }, 15 * MINUTES);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("every alert and every recording has its case, and no case is left over", () => {
    expect(missingCases(signals, alertCases)).toEqual([]);
  });

  it("finds a missing case, a double one, and one that shows nothing", () => {
    const rule = { severity: "warning", expression: "up == 0", forMinutes: 0, summary: "" } as const;
    const area: Signals = {
      area: "x",
      metrics: ["up"],
      signals: [
        { ...rule, name: "A" },
        { ...rule, name: "B" },
      ],
    };
    const fires = { series: { up: "0" }, minute: 0, labels: {} };
    const nothing = { alert: "A", fires, quiet: { series: {}, minute: 0 } };
    const unknown = { alert: "C", fires, quiet: null };
    expect(missingCases([area], [{ area: "x", alerts: [nothing, nothing, unknown] }])).toEqual([
      "x: B has no case",
      "x: C is tried, and is not there",
      "x: A is tried twice",
      "x: A is quiet only because nothing is measured",
      "x: A is quiet only because nothing is measured",
      "x: C is quiet only because nothing is measured",
    ]);
  });

  it("promtool check rules accepts all of them", async () => {
    const files = signals.map(({ area }) => `${area}.rules.yaml`);
    const said = await promtool("check", "rules", "--lint=all", "--lint-fatal", ...files);
    expect(said).not.toContain("FAILED");
    const rules = signals.reduce((sum, each) => sum + each.signals.length + (each.recordings ?? []).length, 0);
    const found = [...said.matchAll(/SUCCESS: (\d+) rules found/g)].map(([, count]) => Number(count));
    expect(found.reduce((sum, count) => sum + count, 0)).toBe(rules);
  });

  it.each(signals.map(({ area }) => area))(
    "%s: each alert fires when it should, and not else",
    async (area) => {
      const said = await promtool("test", "rules", `${area}.test.yaml`);
      expect(said).toContain("SUCCESS");
      expect(said).not.toContain("FAILED");
    },
    2 * MINUTES,
  );

  it("promtool would say so: the same case with a wrong label fails", async () => {
    const { rules, tests } = promtoolFiles(probe, {
      area: "wrong",
      alerts: [
        {
          alert: "Full",
          fires: { series: { 'full{disk="a"}': "1x5" }, minute: 3, labels: { disk: "b" } },
          quiet: { series: { 'full{disk="a"}': "1x5" }, minute: 3 },
        },
      ],
    });
    await writeFile(path.join(folder, "wrong.rules.yaml"), rules);
    await writeFile(path.join(folder, "wrong.test.yaml"), tests);
    const said = await promtool("test", "rules", "wrong.test.yaml");
    expect(said).toContain("FAILED");
    // It should have been another disk, and it should have been quiet.
    expect(said).toMatch(/exp: .*disk="b".*\n\s*got: .*disk="a"/);
    expect(said).toMatch(/exp: nil\n\s*got: .*disk="a"/);
  });

  it("an alert says what was measured, and where its runbook is", async () => {
    const { rules } = promtoolFiles(probe, { area: "wrong", alerts: [] });
    await writeFile(path.join(folder, "wrong.rules.yaml"), rules);
    const expected = {
      exp_labels: { severity: "critical", area: "wrong", service: "wrong", disk: "a" },
      exp_annotations: {
        summary: "A disk is full.",
        description: "Measured 1.5k.",
        runbook_url: `${RUNBOOKS}/wrong.md#full`,
      },
    };
    const test = {
      rule_files: ["wrong.rules.yaml"],
      tests: [
        {
          interval: "1m",
          input_series: [{ series: 'full{disk="a"}', values: "1500x5" }],
          alert_rule_test: [{ eval_time: "3m", alertname: "Full", exp_alerts: [expected] }],
        },
      ],
    };
    await writeFile(path.join(folder, "annotations.test.yaml"), JSON.stringify(test));
    expect(await promtool("test", "rules", "annotations.test.yaml")).toContain("SUCCESS");
  });
});

const probe: Signals = {
  area: "wrong",
  metrics: ["full"],
  signals: [{ name: "Full", severity: "critical", expression: "full > 0", forMinutes: 1, summary: "A disk is full." }],
};
