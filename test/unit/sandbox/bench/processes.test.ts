import { describe, expect, it } from "vitest";
import { parseMachine, parseMemory, parseStat, treesOf } from "../../../../sandbox/bench/processes";

const stat = (pid: number, parent: number, ticks = 1) => ({ pid, parent, name: `p${pid}`, ticks });

describe("parseStat", () => {
  it("adds a process's own time and that of the children it waited for", () => {
    const line = "42 (node) S 7 42 42 0 -1 4194304 100 200 3 4 50 6 700 8000 20 0 11 0 123 456 789\n";
    expect(parseStat(line)).toEqual({ pid: 42, parent: 7, name: "node", ticks: 50 + 6 + 700 + 8000 });
  });

  it("reads names with blanks and brackets", () => {
    const line = "5 (a) S (b c)) R 1 5 5 0 -1 0 0 0 0 0 1 2 3 4 20 0 1 0 9 9 9";
    expect(parseStat(line)).toEqual({ pid: 5, parent: 1, name: "a) S (b c)", ticks: 10 });
  });

  it.each(["", "not a stat line", "5 (cut) S 1 2 3"])("has nothing for %j", (line) => {
    expect(parseStat(line)).toBeUndefined();
  });
});

describe("treesOf", () => {
  const processes = [stat(1, 0), stat(2, 1), stat(3, 2), stat(4, 3), stat(5, 1), stat(6, 5)];

  it("holds the roots and all that descends from them, whatever the order", () => {
    const pids = (roots: number[], of = processes) => treesOf(of, roots).map(({ pid }) => pid);
    expect(pids([2]).sort()).toEqual([2, 3, 4]);
    expect(pids([2, 5]).sort()).toEqual([2, 3, 4, 5, 6]);
    expect(pids([2], processes.toReversed()).sort()).toEqual([2, 3, 4]);
  });

  it("counts a process once when roots lie within each other, and none for a root that ended", () => {
    expect(treesOf(processes, [2, 3]).map(({ pid }) => pid)).toHaveLength(3);
    expect(treesOf(processes, [99])).toEqual([]);
  });
});

describe("parseMemory", () => {
  it("reads PSS and RSS, not the fields whose names begin alike", () => {
    const text = "Rss:    2000 kB\nPss:    1500 kB\nPss_Dirty:  7 kB\nPss_Anon: 8 kB\nSwapPss: 9 kB\n";
    expect(parseMemory(text)).toEqual({ pssKiB: 1500, rssKiB: 2000 });
  });

  it("is nothing for a process that ended", () => {
    expect(parseMemory("")).toEqual({ pssKiB: 0, rssKiB: 0 });
  });
});

describe("parseMachine", () => {
  it("takes idle and waiting for disks as not busy, and guests only once", () => {
    const text = "cpu  100 20 30 400 50 6 7 8 90 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
    expect(parseMachine(text)).toEqual({ busy: 100 + 20 + 30 + 6 + 7 + 8, all: 621 });
  });
});
