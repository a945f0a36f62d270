import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { engineVersion } from "../../../components/inference/engines/images";
import { images } from "../../../components/kit/images";
import { cached, run } from "./cache";
import { pythonEnvironment } from "./python";

/** What vLLM's parser makes of a command line. */
export interface ParsedArguments {
  readonly values?: Readonly<Record<string, unknown>>;
  /** What it says against it. */
  readonly error?: string;
}

/** Python files of the version that the images have; the wheel's compiled parts, most of its 340 MB, are left out. */
function vllmSources(): Promise<string> {
  const version = engineVersion(images.vllm);
  return cached(`vllm-sources-${version}`, async (root, scratch) => {
    const quiet = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"];
    await run("python3", [...quiet, "--only-binary", ":all:", "--dest", scratch, `vllm==${version}`]);
    const [wheel] = (await readdir(scratch)).filter((file) => file.endsWith(".whl"));
    await run("python3", ["-c", EXTRACT, path.join(scratch, wheel!), root]);
  });
}

/** A file of its sources, e.g. `vllm/envs.py`. */
export async function vllmSource(file: string): Promise<string> {
  return readFile(path.join(await vllmSources(), file), "utf8");
}

const EXTRACT = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.endswith((".py", "METADATA"))])
`;

/** Has `vllm serve` read each list of arguments, up to the point where it would load a model. */
export async function parseVllmArguments(lists: readonly (readonly string[])[]): Promise<ParsedArguments[]> {
  const [{ python }, sources] = await Promise.all([pythonEnvironment("vllm-parser"), vllmSources()]);
  const script = path.resolve(__dirname, "..", "python", "vllm_parser.py");
  // Written nowhere: several tests may read the sources at once.
  const env = { PATH: process.env.PATH, HOME: "/nonexistent", PYTHONDONTWRITEBYTECODE: "1" };
  const child = spawn(python, [script, sources], { env, stdio: ["pipe", "pipe", "pipe"] });
  // What it says when it ends early is of more use.
  child.stdin.on("error", () => {});
  child.stdin.end(JSON.stringify(lists));
  const [out, said, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (code !== 0) throw new Error(`vLLM's parser: ${said}`);
  return JSON.parse(out) as ParsedArguments[];
}
