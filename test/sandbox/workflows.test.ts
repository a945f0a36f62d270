import { spawnSync } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { repository } from "../../sandbox/paths";
import { workflows } from "../unit/github/workflows";
import { skipReason } from "./stack";

if (skipReason) console.log(`test/sandbox/workflows.test.ts is skipped: ${skipReason}`);

/** The real actionlint. Its helpers shellcheck and pyflakes are not pinned here, so they are left out everywhere. */
function actionlint(files: string[], input = "") {
  const binary = path.join(process.env.ORRERY_TOOLS_DIR ?? "", "actionlint");
  const options = ["-no-color", "-oneline", "-shellcheck=", "-pyflakes="];
  const { status, stdout, stderr } = spawnSync(binary, [...options, ...files], {
    cwd: repository,
    input,
    encoding: "utf8",
  });
  return { status, output: `${stdout}${stderr}` };
}

describe.skipIf(skipReason !== undefined)("the workflows", () => {
  it("are found in order by actionlint", () => {
    const files = workflows.map(({ file }) => file);
    expect(files.length).toBeGreaterThan(3);
    expect(actionlint(files)).toEqual({ status: 0, output: "" });
  });

  it("would not be if they were not", () => {
    const broken = workflows[0]!.text.replace(/^ +runs-on: .*$/m, "    needs: nobody");
    const { status, output } = actionlint(["-"], broken);
    expect(status).toBe(1);
    expect(output).toMatch(/"runs-on" section is missing/);
    expect(output).toMatch(/"nobody"/);
  });
});
