import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { repository, toolCache, toolsDirectory } from "../paths";
import { type Progress, seconds } from "../progress";
import { type ToolModule, toolModules } from "./catalog";
import { withLock } from "./lock";

const run = promisify(execFile);

/** Files that decide what a Go module builds: its sources and checksums, in a fixed order. */
async function sourceFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && (/^go\.(mod|sum)$/.test(entry.name) || /\.(go|yaml|tmpl)$/.test(entry.name)))
    .filter((entry) => !entry.name.endsWith("_test.go"))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** The key of a module's binaries in the cache: everything that the result depends on. */
export async function moduleHash(module: ToolModule): Promise<string> {
  const hash = createHash("sha256");
  const { version, packages, ldflags, tags, additions } = module;
  const more = [tags, additions].filter((each) => each !== undefined);
  hash.update(JSON.stringify([version, packages, ldflags, process.platform, process.arch, ...more]));
  for (const file of await sourceFiles(module.directory)) {
    hash.update(`\n${path.relative(module.directory, file)}\n`).update(await readFile(file));
  }
  return hash.digest("hex").slice(0, 16);
}

/** A tool of the user's own, when it is on PATH in exactly the version that we pin. */
async function ownTool(module: ToolModule): Promise<string | undefined> {
  const [only, ...others] = module.packages;
  if (!module.ownVersion || !only || others.length > 0) return undefined;
  for (const directory of (process.env.PATH ?? "").split(path.delimiter)) {
    const candidate = path.join(directory, only.binary);
    if (directory === "" || path.resolve(directory) === toolsDirectory || !existsSync(candidate)) continue;
    try {
      const { stdout } = await run(candidate, module.ownVersion.args, { timeout: 10_000 });
      if (module.ownVersion.matches.test(stdout.trim())) return candidate;
    } catch {
      // Not runnable, or of another kind: the pinned one is built instead.
    }
    return undefined;
  }
  return undefined;
}

async function requireGo(): Promise<void> {
  let version = "";
  try {
    version = (await run("go", ["env", "GOVERSION"])).stdout.trim();
  } catch {
    throw new Error(
      "The sandbox's tools are built with Go, and `go` is not on PATH. Install Go 1.26 or newer (https://go.dev/dl).",
    );
  }
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) < 1 || (Number(major) === 1 && Number(minor) < 26)) {
    throw new Error(
      `The sandbox's tools need Go 1.26 or newer; \`go\` on PATH is ${version}. Install a newer Go (https://go.dev/dl).`,
    );
  }
}

/**
 * A go.mod in which the module with additions is a copy that has them: Go lets nobody add to its own cache, where the
 * module has just been checked against go.sum.
 */
async function withAdditions(module: ToolModule, scratch: string): Promise<string[]> {
  if (module.additions === undefined) return [];
  const { module: name, files } = module.additions;
  const options = { cwd: module.directory, env: { ...process.env, GOWORK: "off" } };
  await run("go", ["mod", "download", name], options);
  const original = (await run("go", ["list", "-m", "-f", "{{.Dir}}", name], options)).stdout.trim();
  const copy = path.join(scratch, "module");
  await mkdir(copy, { recursive: true });
  for (const entry of await readdir(original, { withFileTypes: true, recursive: true })) {
    const at = path.join(copy, path.relative(original, path.join(entry.parentPath, entry.name)));
    if (entry.isDirectory()) await mkdir(at, { recursive: true });
    else {
      await mkdir(path.dirname(at), { recursive: true });
      await copyFile(path.join(entry.parentPath, entry.name), at);
    }
  }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(copy, file)), { recursive: true });
    await writeFile(path.join(copy, file), text);
  }
  for (const file of ["go.mod", "go.sum"]) await copyFile(path.join(module.directory, file), path.join(scratch, file));
  const modfile = path.join(scratch, "go.mod");
  await run("go", ["mod", "edit", `-replace=${name}=${copy}`, modfile], options);
  return [`-modfile=${modfile}`];
}

async function buildModule(module: ToolModule, destination: string, progress: Progress, title: string): Promise<void> {
  const scratch = `${destination}.${randomBytes(4).toString("hex")}`;
  const sources = `${scratch}.source`;
  await mkdir(scratch, { recursive: true });
  const started = Date.now();
  const tick = setInterval(() => progress.update(`${title}, ${seconds(Date.now() - started)}`), 1_000);
  try {
    const modfile = await withAdditions(module, sources);
    for (const { package: goPackage, binary } of module.packages) {
      const ldflags = ["-s", "-w", ...module.ldflags].join(" ");
      const args = [
        "build",
        "-trimpath",
        "-buildvcs=false",
        "-mod=readonly",
        ...modfile,
        "-o",
        path.join(scratch, binary),
        "-ldflags",
        ldflags,
        ...(module.tags === undefined ? [] : ["-tags", module.tags.join(",")]),
        goPackage,
      ];
      await run("go", args, {
        cwd: module.directory,
        env: { ...process.env, GOWORK: "off", CGO_ENABLED: "0" },
        maxBuffer: 64 * 1024 * 1024,
      });
      await chmod(path.join(scratch, binary), 0o755);
    }
    await rename(scratch, destination);
  } catch (error) {
    const detail =
      error instanceof Error && "stderr" in error
        ? String(error.stderr).split("\n").slice(-15).join("\n")
        : String(error);
    throw new Error(`Building ${module.name} failed in ${path.relative(repository, module.directory)}:\n${detail}`);
  } finally {
    clearInterval(tick);
    for (const folder of [scratch, sources]) await rm(folder, { recursive: true, force: true });
  }
}

async function link(target: string, name: string): Promise<void> {
  const at = path.join(toolsDirectory, name);
  const scratch = `${at}.${randomBytes(4).toString("hex")}`;
  await symlink(target, scratch);
  await rename(scratch, at).catch(async (error) => {
    await unlink(scratch);
    throw error;
  });
}

/**
 * Makes every tool available in `.sandbox/bin`: from PATH where the version is the pinned one, else from the user's
 * cache, else built (once; every clone shares it).
 */
export async function ensureTools(
  progress: Progress,
  modules: readonly ToolModule[] = toolModules(repository),
): Promise<{ directory: string; built: string[] }> {
  await mkdir(toolsDirectory, { recursive: true });
  const cache = toolCache();
  await mkdir(cache, { recursive: true });
  const built: string[] = [];
  const pending: { module: ToolModule; destination: string }[] = [];
  for (const module of modules) {
    const destination = path.join(cache, `${module.name}-${await moduleHash(module)}`);
    const own = existsSync(destination) ? undefined : await ownTool(module);
    if (own) await link(own, module.packages[0]!.binary);
    else pending.push({ module, destination });
  }
  const missing = pending.filter(({ destination }) => !existsSync(destination));
  if (missing.length > 0) await requireGo();
  // One after the other: each build already uses every core, and together they need more memory than a laptop has.
  for (const [index, { module, destination }] of missing.entries()) {
    const binaries = module.packages.map(({ binary }) => binary).join(", ");
    const title = `building tool ${index + 1} of ${missing.length}: ${binaries} ${module.version} (once, about ${seconds(module.typicalSeconds * 1000)})`;
    progress.step(title);
    await withLock(
      `${destination}.lock`,
      () => progress.update(`${title}: waiting for another clone that builds it`),
      async () => {
        if (!existsSync(destination)) await buildModule(module, destination, progress, title);
      },
    );
    built.push(module.name);
  }
  for (const { module, destination } of pending) {
    for (const { binary } of module.packages) await link(path.join(destination, binary), binary);
  }
  return { directory: toolsDirectory, built };
}

/**
 * Deletes from the user's cache what none of the modules is built into, and returns its names. For a cache that is
 * carried from one CI run to the next, which would grow with every new version; other clones may still use it elsewhere.
 */
export async function pruneTools(cache: string, modules: readonly ToolModule[]): Promise<string[]> {
  const wanted = new Set(
    await Promise.all(modules.map(async (module) => `${module.name}-${await moduleHash(module)}`)),
  );
  const stale = (await readdir(cache)).filter((name) => !wanted.has(name));
  for (const name of stale) await rm(path.join(cache, name), { recursive: true, force: true });
  return stale;
}
