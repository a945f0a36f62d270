import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gpuModels } from "../../../components/inference/gpu/table";
import { renderGpusMarkdown } from "../../../stacks/docs/gpus-md";

describe("docs/inference/gpus.md", () => {
  it("is up to date (npm run docs), and lists each card with its memory", () => {
    const text = renderGpusMarkdown();
    expect(readFileSync(join(__dirname, "../../../docs/inference/gpus.md"), "utf8")).toBe(text);
    for (const { name, architecture, memoryMiB } of Object.values(gpuModels))
      expect(text).toContain(`| \`${name}\` | ${architecture} | ${memoryMiB} |`);
  });
});
