import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { backoffMs, startChild } from "../../../../sandbox/machines/child";

const dir = mkdtempSync(join(tmpdir(), "orrery-child-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const shell = (script: string) => ({
  name: "sh",
  command: "/bin/sh",
  args: () => ["-c", script],
  logFile: join(dir, "log"),
});

describe("startChild", () => {
  it("hands over lines and keeps standard error in the log", async () => {
    const line = await new Promise<string>((resolve) => {
      startChild({ ...shell("echo hello; echo trouble >&2"), onLine: resolve, onExit: () => false });
    });
    expect(line).toBe("hello");
    await expect.poll(() => readFileSync(join(dir, "log"), "utf8")).toContain("trouble");
  });

  it("starts again what ended by itself, with arguments asked for anew", async () => {
    let starts = 0;
    const lines: string[] = [];
    const child = startChild({ ...shell(""), args: () => ["-c", `echo ${++starts}`], onLine: (l) => lines.push(l) });
    await expect.poll(() => lines, { timeout: 5000 }).toEqual(expect.arrayContaining(["1", "2"]));
    await child.stop();
  });

  it("does not start again what is left to rest", async () => {
    let exits = 0;
    const child = startChild({ ...shell("exit 3"), onExit: () => ++exits > 99 });
    await expect.poll(() => exits).toBe(1);
    expect(child.pid).toBeUndefined();
  });

  it("ends a process that ignores the polite signal", async () => {
    const options = { ...shell("trap '' TERM; echo ready; while :; do sleep 0.1; done"), graceMs: 100 };
    const lines: string[] = [];
    const child = startChild({ ...options, onLine: (line) => lines.push(line) });
    await expect.poll(() => lines).toEqual(["ready"]);
    await child.stop();
    expect(child.pid).toBeUndefined();
  });
});

describe("backoffMs", () => {
  it.each([
    [0, 500],
    [1, 1000],
    [4, 8000],
    [20, 15_000],
  ])("after %i failures waits %i ms", (failures, ms) => {
    expect(backoffMs(failures)).toBe(ms);
  });
});
