import { describe, expect, it } from "vitest";
import { isProtected } from "../../../../sandbox/cli/unprotect";
import { phasesOf, renderFailures, watchWith } from "../../../../sandbox/cli/watch";
import { emptyReport } from "../../../../sandbox/engine/events";
import type { Progress } from "../../../../sandbox/progress";

const urn = (name: string) => `urn:pulumi:dev::orrery::orrery:a:B$hcloud:index/server:Server::${name}`;

function lines(report: ReturnType<typeof emptyReport>): string[] {
  const updates: string[] = [];
  const progress: Progress = { step() {}, note() {}, done() {}, update: (text) => updates.push(text) };
  watchWith(progress, "up")(report, { sequence: 1, timestamp: 0 });
  return updates;
}

describe("progress", () => {
  it("says how much is done and what is in hand", () => {
    const report = { ...emptyReport(), create: 5, update: 1, same: 3, running: new Set([urn("one"), urn("two")]) };
    expect(lines(report)).toEqual(["up: 4 done, 3 unchanged; one (hcloud:index/server:Server) and 1 more"]);
    expect(lines({ ...report, running: new Set([urn("one")]) })).toEqual([
      "up: 5 done, 3 unchanged; one (hcloud:index/server:Server)",
    ]);
  });

  it("never counts below nothing", () => {
    expect(lines({ ...emptyReport(), running: new Set([urn("one")]) })[0]).toMatch(/^up: 0 done/);
  });
});

it("phases come in the order in which they began", () => {
  const spans = new Map([
    ["services" as const, { from: 300, to: 900 }],
    ["machines" as const, { from: 100, to: 400 }],
  ]);
  expect(phasesOf({ ...emptyReport(), spans })).toEqual([
    { name: "machines", milliseconds: 300 },
    { name: "services", milliseconds: 600 },
  ]);
});

describe("failures", () => {
  const render = (...failures: { urn: string; message: string }[]) => renderFailures({ ...emptyReport(), failures });

  it("name the resource, keep the engine's words together, and come once", () => {
    const one = { urn: urn("one"), message: "first\nsecond" };
    expect(render(one, one, { urn: "", message: "of the program" })).toBe(
      "- one (hcloud:index/server:Server): first\n  second\n- of the program",
    );
  });

  it("of the program come without the stack trace that repeats them", () => {
    const plain = { urn: "", message: "the settings are wrong" };
    const traced = {
      urn: "",
      message: "Unhandled exception: Error: the settings are wrong\n    at main (index.ts:1:1)",
    };
    expect(render(plain, traced)).toBe("- the settings are wrong");
    expect(render(traced)).toContain("at main");
  });
});

describe("protection", () => {
  it.each([
    [{ "orrery:environment": "prod" }, true],
    [{ "orrery:environment": "dev" }, false],
    [{ "orrery:environment": "prod", "orrery:protection": false }, false],
    [{ "orrery:environment": "dev", "orrery:protection": true }, true],
  ])("%j: %s", (config, expected) => {
    expect(isProtected(config)).toBe(expected);
  });
});
