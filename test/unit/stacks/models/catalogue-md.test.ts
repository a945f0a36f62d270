import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../../components/inference/models/catalogue";
import { diffLines } from "../../../../stacks/docs/diff";
import { renderModelsMarkdown } from "../../../../stacks/docs/models-md";

describe("docs/inference/catalogue.md", () => {
  const text = renderModelsMarkdown();

  it("is up to date (npm run docs)", () => {
    const file = join(__dirname, "../../../../docs/inference/catalogue.md");
    expect(diffLines(readFileSync(file, "utf8"), text)).toEqual([]);
  });

  it("has a row for every model, and says which one may earn nothing", () => {
    for (const name of Object.keys(catalogue)) expect(text).toContain(`\n| \`${name}\``);
    expect(text).toMatch(/`xtts-v2`.*no commercial use/);
    expect(text).toMatch(/`llama-3\.3-70b`.*\(gated\)/);
  });
});
