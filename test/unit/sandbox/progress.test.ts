import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { stackPaths } from "../../../sandbox/paths";
import { createProgress, seconds } from "../../../sandbox/progress";

function output(isTTY: boolean): { stream: NodeJS.WriteStream; text(): string } {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY, columns: 40 }) as unknown as NodeJS.WriteStream, text: () => text };
}

describe("elapsed time", () => {
  it.each([
    [0, "0.0 s"],
    [4_249, "4.2 s"],
    [10_000, "10 s"],
    [58_400, "58 s"],
    [60_000, "1 min 00 s"],
    [187_000, "3 min 07 s"],
    [119_999, "2 min 00 s"],
  ])("%i ms is %s", (milliseconds, text) => {
    expect(seconds(milliseconds)).toBe(text);
  });
});

describe("progress", () => {
  it("on a terminal is one line that is rewritten, never longer than the terminal", () => {
    const { stream, text } = output(true);
    const progress = createProgress(stream);
    progress.step("first");
    progress.update("x".repeat(100));
    progress.done();
    const erase = "\r\x1b[2K";
    const [first, rewritten, ...more] = text().split(erase);
    expect(first).toMatch(/first\n$/);
    expect(rewritten).toMatch(/^\[ +0\.0 s\] x+$/);
    expect(rewritten).toHaveLength(39);
    expect(more).toEqual([""]);
  });

  it("elsewhere is a line for each step, without control characters", () => {
    const { stream, text } = output(false);
    const progress = createProgress(stream);
    progress.step("first");
    progress.update("soon after");
    progress.note("a note");
    progress.done();
    expect(text()).toMatch(/^\[ +0\.0 s\] first\na note\n$/);
  });
});

it("everything of a stack is below its own folder", () => {
  const { root, ...files } = stackPaths("dev");
  expect(root).toMatch(/\.sandbox\/dev$/);
  for (const file of Object.values(files)) expect(file.startsWith(`${root}/`), file).toBe(true);
  expect(new Set(Object.values(files)).size).toBe(Object.values(files).length);
});
