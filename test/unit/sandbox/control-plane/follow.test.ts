import { describe, expect, it } from "vitest";
import { type Candidate, choose } from "../../../../sandbox/control-plane/follow";

const cp = (n: number, running: boolean, bootstrapped = n === 1): Candidate => ({
  key: `server-${n}`,
  dir: "/d",
  address: `127.0.0.${n}`,
  bootstrapped,
  running,
});

describe("choose", () => {
  it.each([
    ["nothing before a bootstrap", [], undefined, undefined],
    ["the one that was bootstrapped", [cp(2, true), cp(1, true)], undefined, "server-1"],
    ["the one where it runs", [cp(1, true), cp(2, true), cp(3, true)], "server-3", "server-3"],
    ["another one when that one is gone", [cp(1, false), cp(2, true), cp(3, true)], "server-1", "server-2"],
    ["nothing without a majority", [cp(1, true), cp(2, false), cp(3, false)], "server-1", undefined],
    ["nothing with just a half", [cp(1, true), cp(2, false)], "server-1", undefined],
    ["the only one", [cp(1, true)], undefined, "server-1"],
  ])("takes %s", (_, candidates, current, expected) => {
    expect(choose(candidates, current)?.key).toBe(expected);
  });
});
