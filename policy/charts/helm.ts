import { execFile } from "node:child_process";
import { realpath, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";

export type HelmResult =
  | { kind: "output"; text: string }
  /** Helm's own words. */
  | { kind: "error"; message: string }
  | { kind: "missing" };

export interface Helm {
  run(args: readonly string[], stdin?: string): Promise<HelmResult>;
  /** Which helm it is: another one may render differently. undefined: none. */
  identity(): Promise<string | undefined>;
}

const TIMEOUT_SECONDS = 120;
const MAX_OUTPUT_MIB = 128;

/** The `helm` on PATH, as many at a time as there are cores. */
export function helmOnPath(searchPath = process.env["PATH"] ?? ""): Helm {
  const turn = limiter(Math.max(1, availableParallelism()));
  return {
    run: (args, stdin) => turn(() => run(args, stdin ?? "", searchPath)),
    identity: async () => {
      for (const folder of searchPath.split(delimiter).filter((entry) => entry !== "")) {
        try {
          const file = await realpath(join(folder, "helm"));
          const { size, mtimeMs } = await stat(file);
          return `${file} ${size} ${mtimeMs}`;
        } catch {
          // Not here.
        }
      }
      return undefined;
    },
  };
}

function run(args: readonly string[], stdin: string, searchPath: string): Promise<HelmResult> {
  const options = {
    env: { ...process.env, PATH: searchPath },
    timeout: TIMEOUT_SECONDS * 1000,
    maxBuffer: MAX_OUTPUT_MIB * 1024 * 1024,
  };
  return new Promise((resolve) => {
    const child = execFile("helm", [...args], options, (error, stdout, stderr) => {
      if (!error) return resolve({ kind: "output", text: stdout });
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return resolve({ kind: "missing" });
      const late = error.killed === true && error.signal !== null;
      resolve({ kind: "error", message: late ? `helm took longer than ${TIMEOUT_SECONDS} s` : errorText(stderr) });
    });
    // A helm that ended before it read is known by its exit code.
    child.stdin?.on("error", () => undefined).end(stdin);
  });
}

/** The last `Error:` and what follows it; warnings before it, and the hint to use --debug, say nothing. */
export function errorText(stderr: string): string {
  const at = stderr.lastIndexOf("Error: ");
  const text = (at < 0 ? stderr : stderr.slice(at + "Error: ".length)).trim();
  return text.replace(/\s*Use --debug flag to render out invalid YAML\s*$/, "") || "helm failed without a word";
}

function limiter(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
