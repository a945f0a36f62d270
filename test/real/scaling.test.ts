import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { askedQuery } from "../../components/inference/scaling/spec";
import { repository, toolsDirectory } from "../../sandbox/paths";
import { createProgress } from "../../sandbox/progress";
import { ensureTools } from "../../sandbox/tools/build";
import { testToolModules } from "../../sandbox/tools/catalog";

const MINUTES = 60_000;
const execute = promisify(execFile);
const COUNTER = 'asked_total{model_id="llm"}';
const QUERY = askedQuery(COUNTER, "120s");

/** What is counted every 30 seconds, when it is asked, and what KEDA is told. */
const cases = [
  ["nobody has ever asked", {}, "10m", 0],
  // The counter is there with its first request: it has not increased.
  ["the first request of all", { [COUNTER]: "_x8 1" }, "4m", 1],
  ["the first request, three minutes later", { [COUNTER]: "_x8 1x10" }, "7m", 0],
  ["a request after a while", { [COUNTER]: "7x20 8" }, "10m30s", 1],
  ["a request, three minutes later", { [COUNTER]: "7x4 8x20" }, "6m", 0],
  ["many requests", { [COUNTER]: "0+60x20" }, "8m", 1],
  ["a gateway that has started again, which nobody asks", { [COUNTER]: "9x8 _x10" }, "9m", 0],
  ["another model", { 'asked_total{model_id="tts"}': "0+5x20" }, "8m", 0],
  [
    "two gateways",
    { 'asked_total{model_id="llm",pod="a"}': "3x20", 'asked_total{model_id="llm",pod="b"}': "1+1x20" },
    "8m",
    1,
  ],
] as const;

describe("the query that wakes a model, asked of the real Prometheus", () => {
  let folder: string;
  beforeAll(async () => {
    const wanted = testToolModules(repository).filter(({ name }) => name === "prometheus");
    await ensureTools(createProgress(process.stderr), wanted);
    folder = await mkdtemp(path.join(tmpdir(), "orrery-scaling-"));
  }, 15 * MINUTES);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function promtool(series: Readonly<Record<string, string>>, eval_time: string, value: number): Promise<string> {
    const input_series = Object.entries(series).map(([name, values]) => ({ series: name, values }));
    const asked = { expr: QUERY, eval_time, exp_samples: [{ labels: "{}", value }] };
    const file = path.join(folder, "scaling.test.yaml");
    const tests = [{ interval: "30s", input_series, promql_expr_test: [asked] }];
    await writeFile(file, stringify({ evaluation_interval: "30s", tests }));
    const { stdout, stderr } = await execute(path.join(toolsDirectory, "promtool"), ["test", "rules", file]).catch(
      (failure: { stdout: string; stderr: string }) => failure,
    );
    return `${stdout}\n${stderr}`;
  }

  it.each(cases)(
    "%s",
    async (_, series, at, value) => {
      const said = await promtool(series as Record<string, string>, at, value);
      expect(said).toContain("SUCCESS");
      expect(said).not.toContain("FAILED");
    },
    MINUTES,
  );

  it(
    "promtool would say so",
    async () => {
      expect(await promtool({ [COUNTER]: "0+60x20" }, "8m", 0)).toContain("FAILED");
    },
    MINUTES,
  );
});
