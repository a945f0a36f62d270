import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMap, type PropertyMap } from "../framework";
import type { ClusterAccess } from "./kubeconfig";

export interface HelmOptions {
  access: ClusterAccess;
  /** Where Helm keeps its releases, e.g. `secret`. */
  driver: string;
  /** Folder with the `helm` binary; PATH is searched where it is not there. */
  toolsDir?: string;
  qps: number;
  burst: number;
}

export interface HelmRun {
  args: string[];
  namespace: string;
  /** Goes through standard input, so that no secret is on a command line or on the disk. */
  values?: PropertyMap;
  signal: AbortSignal;
}

/** Helm ended with an error: its own words, without the noise around them. */
export class HelmError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "HelmError";
  }
}

/** How long Helm may take to end after it was asked to: it marks the release as failed on the way out. */
const INTERRUPT_GRACE_MS = 15_000;

/** The real `helm` against one cluster. */
export class Helm {
  private folder: string | undefined;

  constructor(private readonly options: HelmOptions) {}

  /** Runs helm, and returns what it printed. */
  async run(run: HelmRun): Promise<string> {
    const folder = this.workFolder();
    const args = [...run.args, "--namespace", run.namespace, ...(run.values === undefined ? [] : ["--values", "-"])];
    const child = spawn(this.binary(), args, { env: this.environment(folder), stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.on("error", () => undefined);
    child.stdin.end(run.values === undefined ? "" : JSON.stringify(run.values));
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    const interrupt = (): void => {
      child.kill("SIGINT");
      setTimeout(() => child.kill("SIGKILL"), INTERRUPT_GRACE_MS).unref();
    };
    run.signal.addEventListener("abort", interrupt, { once: true });
    try {
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once("error", (error: NodeJS.ErrnoException) => reject(explainSpawn(error)));
        child.once("close", resolve);
      });
      if (code !== 0) {
        throw new HelmError(errorText(Buffer.concat(stderr).toString("utf8"), run.args[0] ?? "", code));
      }
      return Buffer.concat(stdout).toString("utf8");
    } finally {
      run.signal.removeEventListener("abort", interrupt);
    }
  }

  async json(run: HelmRun): Promise<PropertyMap> {
    const text = await this.run({ ...run, args: [...run.args, "--output", "json"] });
    const parsed: unknown = JSON.parse(text);
    if (!isMap(parsed)) {
      throw new HelmError(`helm ${run.args[0]} did not answer with an object`);
    }
    return parsed;
  }

  /** Removes the copy of the kubeconfig; at once, because the process may end right after. */
  close(): void {
    if (this.folder !== undefined) {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  private binary(): string {
    const { toolsDir } = this.options;
    const own = toolsDir === undefined ? "" : join(toolsDir, "helm");
    return own !== "" && existsSync(own) ? own : "helm";
  }

  /** Helm's own files, away from the user's: nothing that was configured for another cluster plays a part. */
  private environment(folder: string): NodeJS.ProcessEnv {
    return {
      ...process.env,
      KUBECONFIG: join(folder, "kubeconfig"),
      HELM_KUBECONTEXT: this.options.access.context,
      HELM_CACHE_HOME: join(folder, "cache"),
      HELM_CONFIG_HOME: join(folder, "config"),
      HELM_DATA_HOME: join(folder, "data"),
      HELM_DRIVER: this.options.driver,
      HELM_QPS: String(this.options.qps),
      HELM_BURST_LIMIT: String(this.options.burst),
    };
  }

  private workFolder(): string {
    if (this.folder === undefined) {
      this.folder = mkdtempSync(join(tmpdir(), "orrery-helm-"));
      // However the process ends, short of being killed, no credentials stay behind.
      process.once("exit", () => this.close());
      writeFileSync(join(this.folder, "kubeconfig"), this.options.access.document, { mode: 0o600 });
    }
    return this.folder;
  }
}

function explainSpawn(error: NodeJS.ErrnoException): Error {
  return error.code === "ENOENT"
    ? new HelmError("helm was not found; put it on PATH, or set ORRERY_TOOLS_DIR to the folder that holds it")
    : error;
}

/** The last `Error:` and what follows it; warnings before it are dropped. */
export function errorText(stderr: string, command: string, code: number | null): string {
  const at = stderr.lastIndexOf("Error: ");
  const text = (at < 0 ? stderr : stderr.slice(at + "Error: ".length)).trim();
  return text === "" ? `helm ${command} ended with ${code === null ? "a signal" : `exit code ${code}`}` : text;
}
