import { describe, expect, it } from "vitest";
import type { Measured } from "../../../../sandbox/bench/command";
import { beginOf, END, withSection } from "../../../../sandbox/bench/document";
import { figuresOf, type Run, renderMarkdown, verdictOf } from "../../../../sandbox/bench/figures";

const KIB_PER_GIB = 1024 ** 2;

import { growthObjects } from "../../../../sandbox/bench/growth-objects";
import { growthMarkdown } from "../../../../sandbox/bench/growth-table";

function measured(command: string, seconds: number, gib: number, phases: Record<string, number> = {}): Measured {
  return {
    command,
    seconds,
    printed: {
      phases: Object.entries(phases).map(([name, value]) => ({ name, seconds: value })),
      resources: { create: 128, update: 0, same: 0, delete: 0 },
    },
    usage: {
      peak: { pssKiB: gib * KIB_PER_GIB, rssKiB: 2 * gib * KIB_PER_GIB, processes: 1, byName: [] },
      clientPeakPssKiB: (gib * KIB_PER_GIB) / 4,
      cpuSeconds: 1,
      othersCores: 0,
    },
    state: { writes: 294, bytes: 137e6 },
  };
}

const run: Run = {
  settings: "dev",
  conditions: {
    date: "2026-11-21",
    machine: { cores: 2, memoryGiB: 24, node: "22.0.0" },
    load: { before: 0.5, highest: 3 },
  },
  coldPreview: measured("preview", 9, 1, { preview: 6 }),
  up: measured("up", 91, 2, {
    "up, all together": 60,
    "of it the program itself": 1.5,
    platform: 20,
    services: 30,
  }),
  warmPreview: measured("preview", 7, 1),
  secondUp: measured("up", 8, 1),
  destroy: measured("destroy", 30, 1.5),
  stateBytes: 1_170_000,
  floor: { objects: 72, definitions: 10, seconds: 3 },
  policies: { withSeconds: 4, withoutSeconds: 3 },
};

const figure = (name: string, of = run) => {
  const found = figuresOf(of).find((candidate) => candidate.name.includes(name));
  if (!found) throw new Error(`no figure "${name}"`);
  return found;
};

describe("figuresOf", () => {
  it.each([
    ["preview from nothing", 9, "ok"],
    ["`up` from nothing", 91, "over"],
    ["program itself", 1.5, "ok"],
    ["preview without changes", 7, "ok"],
    ["destroy, whole command", 30, "ok"],
    ["memory of all processes", 2, "ok"],
  ])("%s: %d is %s", (name, value, verdict) => {
    expect(figure(name).value).toBeCloseTo(value);
    expect(verdictOf(figure(name))).toBe(verdict);
  });

  it("takes memory from the command that needed most", () => {
    const other = { ...run, destroy: measured("destroy", 30, 3.5) };
    expect(verdictOf(figure("memory of all processes", other))).toBe("over");
  });

  it("judges prod by what prod promises", () => {
    const prod: Run = { ...run, settings: "prod" };
    expect(figure("of the engine's part, the policies", prod).value).toBeCloseTo(25);
    expect(verdictOf(figure("of the engine's part, the policies", prod))).toBe("over");
    expect(figure("without the sandbox", prod).value).toBeCloseTo(0.5);
    expect(verdictOf(figure("without the sandbox", prod))).toBe("ok");
    expect(verdictOf(figure("engine's update against", prod))).toBe("over");
    expect(verdictOf(figure("size of the state", prod))).toBe("ok");
    expect(verdictOf(figure("`up` from nothing", prod))).toBe("ok");
  });

  it("divides by the floor of the same run", () => {
    expect(figure("engine's update against").value).toBeCloseTo(20);
    expect(figure("alone against").value).toBeCloseTo(10);
  });

  it("does not take a figure that was not measured for a good one", () => {
    const without = { ...run, up: measured("up", 50, 2) };
    expect(verdictOf(figure("program itself", without))).toBe("over");
  });
});

describe("renderMarkdown", () => {
  it("has a row for each figure with its target and verdict, and the load", () => {
    const text = renderMarkdown(run);
    expect(text).toContain("| `up` from nothing, whole command | 91.0 s | <= 90 s | over |");
    expect(text).toContain("| size of the state | 1.17 MB |  |  |");
    expect(text).toContain("load average 0.5 before, at most 3.0");
  });
});

describe("withSection", () => {
  const [dev, prod] = [beginOf("dev"), beginOf("prod")];

  it("replaces what stands between its two lines, and only that", () => {
    const document = `before\n${dev}\nold\n${END}\n${prod}\nold\n${END}\nafter\n`;
    expect(withSection(document, "prod", "new")).toBe(`before\n${dev}\nold\n${END}\n${prod}\n\nnew\n\n${END}\nafter\n`);
    expect(withSection(withSection(document, "dev", "x"), "dev", "new")).toBe(withSection(document, "dev", "new"));
  });

  it.each(["nothing", `${END}\n${dev}`, dev, `${prod}\n${END}`])("refuses a document without it: %j", (document) => {
    expect(() => withSection(document, "dev", "new")).toThrow('no generated section "dev"');
  });
});

describe("growth", () => {
  const growth = {
    objects: 100,
    kubectlSeconds: 2,
    withoutCheckpointsSeconds: 3,
    unchangedPreviewSeconds: 1.5,
    stateBytes: 860_000,
    upSeconds: 5,
  };

  it("shows the time for each object and against kubectl of the same run", () => {
    expect(growthMarkdown([growth]).split("\n").at(-1)).toBe("| 100 | 2.0 | 3.0 | 30 | 1.5 | 1.5 | 0.9 | 5.0 | 50 |");
  });

  it("leaves out what was not measured", () => {
    expect(
      growthMarkdown([{ ...growth, upSeconds: undefined }])
        .split("\n")
        .at(-1),
    ).toMatch(/\| - \| - \|$/);
  });

  it("has as many objects as asked for, no two alike", () => {
    const keys = growthObjects(103).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(keys).size).toBe(103);
  });
});
