import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";

/** Whether Helm takes the chart's name for a place on this machine. */
export const isPath = (chart: string) => /^[./]/.test(chart) || chart.endsWith(".tgz");

/** The place of a chart that is given by a path: in the first of the folders that has it. */
export async function findOnDisk(chart: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const path = resolve(folder, chart);
    if (
      await stat(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

/** A hash of a chart's files: of an archive, or of all files of a directory. */
export async function contentHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  if (!(await stat(path)).isDirectory()) return hash.update(await readFile(path)).digest("hex");
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) hash.update(`\n${relative(path, file)}\n`).update(await readFile(file));
  return hash.digest("hex");
}
