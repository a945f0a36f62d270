import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { renderChart } from "./render";
import type { ChartShape } from "./shape";

/** Writes the chart under `dir`, in a folder named after its content, and returns the chart's own folder. */
export async function writeStandInChart(
  shape: ChartShape,
  version: string,
  dir: string,
  options: { crdsDir?: string } = {},
): Promise<string> {
  const files = renderChart(shape, version, options.crdsDir);
  const hash = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 12);
  const parent = join(dir, `${shape.chart}-${version}-${hash}`);
  const chart = join(parent, shape.chart);
  if (existsSync(join(chart, "Chart.yaml"))) return chart;
  await mkdir(dir, { recursive: true });
  // Elsewhere first: who finds the folder finds all of it.
  const temporary = await mkdtemp(join(dir, ".writing-"));
  for (const [path, text] of Object.entries(files)) {
    const file = join(temporary, shape.chart, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  try {
    await rename(temporary, parent);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(join(chart, "Chart.yaml"))) throw error;
  }
  return chart;
}
