import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const double = join(__dirname, "../../sandbox/machines/double");
const hasTools = process.env.ORRERY_TOOLS_DIR !== undefined;

describe.skipIf(!hasTools)("the machine double's own tests (needs ORRERY_TOOLS_DIR, and Go)", () => {
  it("pass", async () => {
    const { stdout } = await promisify(execFile)("go", ["test", "-count=1", "."], { cwd: double });
    expect(stdout).toMatch(/^ok\s/);
  }, 300_000);
});
