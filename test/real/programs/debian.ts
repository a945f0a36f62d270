import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { cached, run } from "./cache";

/** Programs from the machine's own Debian or Ubuntu archive, unpacked into the user's cache: nothing is installed. */

/** Why there can be no Debian package here; undefined where there can. For the name of a skipped test. */
export function debianMissing(): string | undefined {
  const missing = ["apt-get", "dpkg-deb"].filter((program) => !onPath(program));
  return missing.length === 0 ? undefined : `this machine has no ${missing.join(" and no ")}`;
}

/**
 * The packages, and those of their dependencies that the machine lacks, unpacked side by side.
 * @param packages names, with `=version` where one matters
 * @returns the root folder: its programs are in `usr/bin` and `usr/sbin`
 */
export function debianProgram(packages: string[]): Promise<string> {
  const names = [...packages].sort();
  const key = createHash("sha256").update(names.join(" ")).digest("hex").slice(0, 8);
  return cached(`debian-${names[0]!.replace(/[^a-z0-9.+-].*$/, "")}-${key}`, async (root, scratch) => {
    const options = await aptOptions(scratch);
    const plan = ["--simulate", "--yes", "--no-install-recommends", "--no-upgrade"];
    const simulated = await run("apt-get", [...options, ...plan, "install", ...names]);
    const dependencies = [...simulated.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name!);
    const given = new Set(names.map((name) => name.split("=")[0]));
    const wanted = [...names, ...dependencies.filter((name) => !given.has(name))];
    await run("apt-get", [...options, "download", ...wanted], { cwd: scratch });
    for (const file of (await readdir(scratch)).filter((name) => name.endsWith(".deb"))) {
      await run("dpkg-deb", ["--extract", path.join(scratch, file), root]);
    }
  });
}

/** Environment in which the programs under `root` find each other, and their libraries. */
export function debianEnvironment(root: string): NodeJS.ProcessEnv {
  const libraries = ["usr/lib", "lib"].flatMap((folder) => {
    const at = path.join(root, folder);
    return existsSync(at)
      ? [
          at,
          ...readdirSync(at)
            .filter((name) => name.endsWith("-linux-gnu"))
            .map((name) => path.join(at, name)),
        ]
      : [];
  });
  const programs = ["usr/bin", "usr/sbin"].map((folder) => path.join(root, folder));
  return {
    ...process.env,
    PATH: [...programs, process.env.PATH].join(path.delimiter),
    LD_LIBRARY_PATH: libraries.join(path.delimiter),
  };
}

/** apt's own configuration; only where it has no package lists, lists of our own, which need no root. */
async function aptOptions(scratch: string): Promise<string[]> {
  const lists = "/var/lib/apt/lists";
  if (existsSync(lists) && readdirSync(lists).some((name) => name.includes("_Packages"))) return [];
  const options = [
    "-o",
    `Dir::State=${path.join(scratch, "state")}`,
    "-o",
    `Dir::Cache=${path.join(scratch, "cache")}`,
  ];
  await run("mkdir", ["-p", path.join(scratch, "state/lists/partial"), path.join(scratch, "cache/archives/partial")]);
  await run("apt-get", [...options, "update"]);
  return options;
}

function onPath(program: string): boolean {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return folders.some((folder) => existsSync(path.join(folder, program)));
}
