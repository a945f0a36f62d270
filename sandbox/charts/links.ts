import { mkdir, readlink, rename, stat, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { ChartRequest, ResolvedChart } from "./types";

/**
 * What the kubernetes provider found for each chart, as links beside the sandbox's helm: whoever asks that helm for a
 * chart of a repository gets the very chart that the provider installs.
 */

/** The link's name, in letters that the shim makes with `tr`. */
export function linkName({ repo = "", chart, version = "" }: Pick<ChartRequest, "chart" | "version" | "repo">): string {
  return `${repo} ${chart} ${version}`.replace(/[^A-Za-z0-9._-]/g, "_");
}

/** Folder of the links, beside the helm in `bin`. */
export const linksFolder = (bin: string) => join(bin, "charts");

/** Writes down what was found for a chart, under the version that was found. */
export async function recordLink(
  bin: string,
  request: Pick<ChartRequest, "chart" | "repo">,
  found: ResolvedChart,
): Promise<void> {
  const folder = linksFolder(bin);
  const link = join(folder, linkName({ ...request, version: found.version }));
  const before = await readlink(link).catch(() => undefined);
  if (before === found.path) return;
  await mkdir(folder, { recursive: true });
  const temporary = `${link}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await symlink(found.path, temporary);
  await rename(temporary, link);
  // Whoever keeps what this helm rendered looks at the program's time: the same question has another answer now.
  if (before !== undefined) await touch(join(bin, "helm"));
}

async function touch(file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  const now = new Date();
  if (there) await utimes(file, now, now);
}
