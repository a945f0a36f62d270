import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Signals } from "../../../components/kit/signals";
import { alerts } from "../../../stacks/observed/alerts";
import { sections, withoutRunbook } from "../../alerts/runbooks";

const folder = path.join(__dirname, "../../../docs/runbooks");
const areas: readonly Signals[] = Object.values(alerts).flat();
const texts = new Map(
  readdirSync(folder).map((name) => [name.replace(/\.md$/, ""), readFileSync(path.join(folder, name), "utf8")]),
);

describe("runbooks", () => {
  it("every alert has its section", () => {
    expect(withoutRunbook(areas, texts)).toEqual([]);
  });

  it("an alert without one is found", () => {
    const signal = { severity: "warning", expression: "up == 0", forMinutes: 0, summary: "" } as const;
    const area: Signals = {
      area: "shop",
      metrics: ["up"],
      signals: [
        { ...signal, name: "ShopDown" },
        { ...signal, name: "ShopSlow" },
      ],
    };
    expect(withoutRunbook([area], new Map())).toEqual([
      "docs/runbooks/shop.md: ShopDown",
      "docs/runbooks/shop.md: ShopSlow",
    ]);
    const text = "# Shop\n\n## ShopDown\n\nIt is down.\nLook: its log.\nDo: start it.\n\n## ShopSlow\n\nIt is slow.\n";
    expect(withoutRunbook([area], new Map([["shop", text]]))).toEqual(["docs/runbooks/shop.md: ShopSlow"]);
  });

  it.each([...texts.keys()].sort())("%s.md: each section is an alert's, in at most eight lines", (area) => {
    const names = areas.filter((each) => each.area === area).flatMap(({ signals }) => signals.map(({ name }) => name));
    const found = sections(texts.get(area)!);
    expect(found.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([]);
    expect(new Set(found.map(({ name }) => name)).size).toBe(found.length);
    for (const { name, lines } of found) expect(lines.length, name).toBeLessThanOrEqual(8);
  });

  it("documents that a runbook points to are there", () => {
    const named = [...texts.values()].flatMap((text) =>
      [...text.matchAll(/docs\/[a-z0-9/-]+\.md/g)].map(([file]) => file),
    );
    const missing = named.filter((file) => !existsSync(path.join(folder, "../..", file)));
    expect([...new Set(missing)]).toEqual([]);
  });
});
