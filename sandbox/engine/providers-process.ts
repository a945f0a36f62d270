import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { repository } from "../paths";

export interface ProvidersProcess {
  /** What PULUMI_DEBUG_PROVIDERS wants: "kubernetes:1234,hcloud:1235". */
  debugProviders: string;
  close(): Promise<void>;
}

/**
 * Starts the built-in providers. They run in a process group of their own and end when their standard input closes, so
 * a Ctrl-C lets what is in flight finish, and the death of this process, however sudden, ends them too.
 */
export async function startProviders(env: Record<string, string>): Promise<ProvidersProcess> {
  const child = spawn(process.execPath, ["--require", "tsx/cjs", path.join(repository, "sandbox/providers/main.ts")], {
    cwd: repository,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-8_000);
  });
  const ports = await firstLine(child, () => stderr);
  return {
    debugProviders: Object.entries(JSON.parse(ports) as Record<string, number>)
      .map(([name, port]) => `${name}:${port}`)
      .join(","),
    close: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        const force = setTimeout(() => child.kill("SIGKILL"), 10_000);
        child.once("exit", () => {
          clearTimeout(force);
          resolve();
        });
        child.stdin.end();
      }),
  };
}

function firstLine(child: ChildProcess, stderr: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code) =>
      reject(new Error(`The built-in providers ended at once (exit code ${code}):\n${stderr()}`)),
    );
  });
}
