import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkMirror, SettingsError } from "../../../stacks/settings";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "orrery-mirror-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each([[undefined], ["https://charts.example.com"], ["oci://registry.example.com/charts"]])(
  "leaves %s alone",
  (mirror) => {
    expect(() => checkMirror({ charts: { mirror } })).not.toThrow();
  },
);

it("takes a folder with an index", () => {
  writeFileSync(path.join(folder, "index.yaml"), "apiVersion: v1\n");
  expect(() => checkMirror({ charts: { mirror: folder } })).not.toThrow();
});

it("refuses a folder without one, and says how it is made", () => {
  expect(() => checkMirror({ charts: { mirror: folder } })).toThrow(SettingsError);
  expect(() => checkMirror({ charts: { mirror: folder } })).toThrow(`helm repo index ${folder}`);
});
