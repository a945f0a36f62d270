import { describe, expect, it } from "vitest";
import { projectProgram } from "../../../../sandbox/engine/program";

/** A program whose reading takes 100 ms and each of whose runs takes 30, on a clock of its own. */
function fixture() {
  let clock = 0;
  let reads = 0;
  const main = async () => {
    clock += 30;
    return { done: true };
  };
  const read = () => {
    reads += 1;
    clock += 100;
    return main;
  };
  return { program: projectProgram(read, () => clock), reads: () => reads, wait: () => (clock += 1_000) };
}

describe("projectProgram", () => {
  it("reads the program once and counts what reading and running take", async () => {
    const { program, reads, wait } = fixture();
    program.load();
    wait();
    expect(await program.run()).toEqual({ done: true });
    expect(program.elapsed()).toBe(130);
    await program.run();
    expect(program.elapsed()).toBe(30);
    expect(reads()).toBe(1);
  });

  it("reads it at the latest when it runs, and counts a run that fails", async () => {
    let clock = 0;
    const failing = async () => {
      clock += 5;
      throw new Error("no");
    };
    const program = projectProgram(
      () => failing,
      () => clock,
    );
    await expect(program.run()).rejects.toThrow("no");
    expect(program.elapsed()).toBe(5);
    expect(program.elapsed()).toBe(0);
  });
});
