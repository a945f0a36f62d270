import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockHolder, withLock } from "../../../../sandbox/tools/lock";

describe("a lock file", () => {
  let folder: string;
  let file: string;
  const nobody = () => {
    throw new Error("nobody should have to wait");
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "orrery-lock-"));
    file = path.join(folder, "lock");
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("names its holder while the work lasts, and is gone after", async () => {
    const result = await withLock(file, nobody, async () => {
      expect(await readFile(file, "utf8")).toBe(String(process.pid));
      expect(await lockHolder(file)).toBe(process.pid);
      return 42;
    });
    expect(result).toBe(42);
    expect(existsSync(file)).toBe(false);
    expect(await lockHolder(file)).toBeUndefined();
  });

  it("is gone when the work fails", async () => {
    await expect(withLock(file, nobody, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(existsSync(file)).toBe(false);
  });

  it("lets one in at a time, and tells the others whom they wait for", async () => {
    let inside = 0;
    let most = 0;
    const holders: number[] = [];
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withLock(file, (holder) => holders.push(holder), work)));
    expect(most).toBe(1);
    expect(new Set(holders)).toEqual(new Set([process.pid]));
  });

  it("of a process that died is nobody's", async () => {
    const { pid } = spawnSync("true");
    await writeFile(file, String(pid));
    expect(await lockHolder(file)).toBeUndefined();
    expect(await withLock(file, nobody, async () => "in")).toBe("in");
  });

  it("that nobody wrote into is nobody's", async () => {
    await writeFile(file, "");
    expect(await withLock(file, nobody, async () => "in")).toBe("in");
  });
});
