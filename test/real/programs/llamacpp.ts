import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { cached, run } from "./cache";
import { debianMissing } from "./debian";
import { pythonEnvironment, pythonMissing } from "./python";
import { until } from "./servers";

/** llama.cpp's server, as Debian's development branch has it: with the C library that it was built for, of its own. */

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const PACKAGES = [
  "llama.cpp-tools",
  ...["libllama0", "libggml0", "libc6", "libgcc-s1", "libstdc++6", "libgomp1", "libssl3t64", "libzstd1", "zlib1g"],
];

/** Why it cannot run here; undefined where it can. For the name of a skipped test. */
export function llamacppMissing(): string | undefined {
  if (process.arch !== "x64") return "its package is fetched for x86-64";
  return debianMissing() ?? (existsSync(KEYRING) ? pythonMissing() : `${KEYRING} is missing`);
}

function llamacppRoot(): Promise<string> {
  return cached("debian-sid-llama.cpp", async (root, scratch) => {
    const [state, cache] = ["state", "cache"].map((folder) => path.join(scratch, folder));
    await mkdir(path.join(state!, "lists/partial"), { recursive: true });
    await mkdir(path.join(cache!, "archives/partial"), { recursive: true });
    const sources = path.join(scratch, "sources.list");
    await writeFile(sources, `deb [signed-by=${KEYRING}] http://deb.debian.org/debian sid main\n`);
    const options = [
      `Dir::State=${state}`,
      "Dir::State::status=/dev/null",
      `Dir::Cache=${cache}`,
      `Dir::Etc::sourcelist=${sources}`,
      "Dir::Etc::sourceparts=/dev/null",
    ].flatMap((option) => ["-o", option]);
    await run("apt-get", [...options, "update"]);
    await run("apt-get", [...options, "download", ...PACKAGES], { cwd: scratch });
    for (const file of (await readdir(scratch)).filter((name) => name.endsWith(".deb"))) {
      await run("dpkg-deb", ["--extract", path.join(scratch, file), root]);
    }
  });
}

/** A model of no use, but a whole one. */
export async function tinyModel(file: string, pooling?: "MEAN"): Promise<void> {
  const { python } = await pythonEnvironment("gguf");
  const script = path.resolve(__dirname, "..", "python", "tiny_gguf.py");
  await run(python, [script, file, ...(pooling === undefined ? [] : [pooling])]);
}

export interface Llama {
  readonly log: () => string;
  stop(): Promise<void>;
}

/** A program's whole command, and the variables that it needs to find its own parts. */
export async function llamaProgram(name: "llama-server" | "llama-quantize", args: readonly string[] = []) {
  const root = await llamacppRoot();
  const libraries = path.join(root, "usr/lib/x86_64-linux-gnu");
  const search = [libraries, path.join(libraries, "llama")].join(":");
  const loader = path.join(root, "usr/lib64/ld-linux-x86-64.so.2");
  return {
    command: [loader, "--library-path", search, path.join(root, "usr/bin", name), ...args],
    // It looks for ways to compute where it was installed; this one runs on every x86-64.
    env: { GGML_BACKEND_PATH: path.join(libraries, "ggml/backends0/libggml-cpu-x64.so") },
  };
}

/** Starts it, and waits until it is healthy. */
export async function startLlama(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  url: string,
): Promise<Llama> {
  const { command, env } = await llamaProgram("llama-server", args);
  const child: ChildProcess = spawn(command[0]!, command.slice(1), {
    env: { ...environment, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (data) => (log += String(data)));
  const stop = async () => {
    if (child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  try {
    await until(async () => child.exitCode !== null || (await fetch(`${url}/health`)).ok, `llama-server at ${url}`);
    if (child.exitCode !== null) throw new Error("it has ended");
  } catch (error) {
    await stop();
    throw new Error(`${String(error)}\n${log}`);
  }
  return { log: () => log, stop };
}
