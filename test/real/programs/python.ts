import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { cached, programCache, run } from "./cache";

/** Python packages of PyPI in a virtual environment of their own, for tests that ask a vendor's own code. */

/** The oldest Python that the packages run on. */
const LEAST_MINOR = 11;

/** Where the lists of packages are: each is a file `<what>.txt` of pinned versions with their hashes. */
const LISTS = path.resolve(__dirname, "..", "python");

/** What is missing on this machine to run Python packages, in one sentence; undefined when nothing is. */
export function pythonMissing(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "the wheels are for Linux on x86-64";
  const version = pythonVersion();
  if (version === undefined) return "no python3 on this machine";
  const [major, minor] = version.split(".").map(Number);
  if (major !== 3 || minor! < LEAST_MINOR) return `Python ${version} on this machine, 3.${LEAST_MINOR} is needed`;
  // Debian keeps it in a package of its own.
  const { status } = spawnSync("python3", ["-c", "import ensurepip, venv"], { stdio: "ignore" });
  return status === 0 ? undefined : "Python's venv is missing on this machine: install python3-venv";
}

/** `3.11`; undefined where there is none. */
function pythonVersion(): string | undefined {
  const script = "import sys; print('%d.%d' % sys.version_info[:2])";
  const { status, stdout } = spawnSync("python3", ["-c", script], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** A virtual environment. */
export interface Python {
  readonly folder: string;
  /** Its python3; other programs of its packages are beside it. */
  readonly python: string;
  /** A program of one of its packages, e.g. `ray`. */
  program(name: string): string;
  /** Runs python with these arguments to its end; what it printed, or an error with what it said. */
  run(args: readonly string[], options?: PythonOptions): Promise<string>;
}

export interface PythonOptions {
  readonly cwd?: string;
  /** Beside the machine's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * The packages of test/real/python/<what>.txt, and nothing else. The list is complete and has the hash of each file
 * (`pip-compile --generate-hashes`); only wheels are taken, so that none of them runs code while it is installed.
 */
export async function pythonEnvironment(what: string): Promise<Python> {
  const missing = pythonMissing();
  if (missing !== undefined) throw new Error(`Python packages of "${what}": ${missing}.`);
  const list = path.join(LISTS, `${what}.txt`);
  const key = createHash("sha256")
    .update(await readFile(list))
    .update(pythonVersion()!);
  const name = `python-${what}-${key.digest("hex").slice(0, 16)}`;
  const folder = await cached(name, async (root) => {
    await run("python3", ["-m", "venv", "--without-pip", root]);
    const options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"];
    const safe = ["--require-hashes", "--only-binary", ":all:"];
    const python = path.join(root, "bin", "python3");
    await run("python3", ["-m", "pip", "--python", python, "install", ...options, ...safe, "--requirement", list]);
    await moveScripts(path.join(root, "bin"), root, path.join(programCache(), name));
  });
  return pythonAt(folder);
}

/** Its programs say in their first line where their python is: where it will be, when the folder gets its name. */
async function moveScripts(folder: string, from: string, to: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(folder, entry.name);
    const text = await readFile(file, "latin1");
    if (text.startsWith(`#!${from}/`)) await writeFile(file, text.replace(from, to), "latin1");
  }
}

function pythonAt(folder: string): Python {
  const python = path.join(folder, "bin", "python3");
  return {
    folder,
    python,
    program: (name) => path.join(folder, "bin", name),
    run: (args, { cwd, env = {} } = {}) => run(python, args, { cwd, env: { ...process.env, ...env } }),
  };
}
