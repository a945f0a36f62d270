import { spawn } from "node:child_process";
import { PulumiCommand } from "@pulumi/pulumi/automation";

/** The CLI ended with an error; its output is the message. */
export class PulumiFailed extends Error {
  constructor(
    readonly code: number,
    readonly stdout: string,
    readonly stderr: string,
  ) {
    super(stderr.trim() || stdout.trim() || `pulumi ended with exit code ${code}`);
  }
}

export interface CommandResult {
  stdout: string;
  stderr: string;
  code: number;
}

export type RunPulumi = (
  args: string[],
  cwd: string,
  env: Record<string, string>,
  onOutput?: (text: string) => void,
  onError?: (text: string) => void,
  signal?: AbortSignal,
) => Promise<CommandResult>;

/**
 * Runs the Pulumi CLI in a process group of its own. A Ctrl-C in the terminal would otherwise reach it twice (once from
 * the terminal, once from us), and a second interrupt tells the engine to drop everything at once and forget what is in
 * flight.
 */
export function pulumiRunner(binary: string, baseEnv: Record<string, string>): RunPulumi {
  return (args, cwd, env, onOutput, onError, signal) =>
    new Promise((resolve, reject) => {
      const child = spawn(binary, args.includes("--non-interactive") ? args : ["--non-interactive", ...args], {
        cwd,
        env: { ...process.env, ...baseEnv, ...env },
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        onOutput?.(text);
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
        onError?.(text);
      });
      const interrupt = () => child.kill("SIGINT");
      signal?.addEventListener("abort", interrupt, { once: true });
      child.on("error", (error) => reject(new PulumiFailed(-2, stdout, error.message)));
      child.on("close", (code) => {
        signal?.removeEventListener("abort", interrupt);
        if (code === 0) resolve({ stdout, stderr, code });
        else reject(new PulumiFailed(code ?? 130, stdout, stderr));
      });
    });
}

/** The same, in the form in which the Automation API wants it. `root` holds bin/pulumi; without it PATH decides. */
export async function automationCommand(root: string | undefined, run: RunPulumi): Promise<PulumiCommand> {
  return Object.assign(await PulumiCommand.get({ root, skipVersionCheck: true }), { run });
}
