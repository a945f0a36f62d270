import { spawn } from "node:child_process";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import { PulumiFailed } from "./pulumi-failed";

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
  /** Standard input, for what must not stand on a command line. */
  input?: string,
) => Promise<CommandResult>;

/**
 * Runs the Pulumi CLI in a process group of its own. A Ctrl-C in the terminal would otherwise reach it twice (once from
 * the terminal, once from us), and a second interrupt tells the engine to drop everything at once and forget what is in
 * flight.
 */
export function pulumiRunner(binary: string, baseEnv: Record<string, string>): RunPulumi {
  return (args, cwd, env, onOutput, onError, signal, input) =>
    new Promise((resolve, reject) => {
      const child = spawn(binary, args.includes("--non-interactive") ? args : ["--non-interactive", ...args], {
        cwd,
        env: { ...process.env, ...baseEnv, ...env },
        detached: true,
        stdio: ["pipe", "pipe", "pipe"],
      });
      // A CLI that ended before it read is known by its exit code.
      child.stdin.on("error", () => undefined).end(input);
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

/**
 * Calls that the Automation API makes of its own accord, and what they would tell it. Each would start the CLI once
 * more, which takes longer than all that it does.
 */
function knownAnswer([command, subcommand]: string[]): string | undefined {
  if (command !== "stack") return undefined;
  // Remembers which stack is the current one; every call names its own.
  if (subcommand === "select") return "";
  // The summary of an operation that has just ended; the events have told more.
  if (subcommand === "history") return "[]";
  return undefined;
}

/** The same, in the form in which the Automation API wants it. `root` holds bin/pulumi; without it PATH decides. */
export async function automationCommand(root: string | undefined, run: RunPulumi): Promise<PulumiCommand> {
  const spare: RunPulumi = async (args, ...rest) => {
    const stdout = knownAnswer(args);
    return stdout === undefined ? run(args, ...rest) : { stdout, stderr: "", code: 0 };
  };
  return Object.assign(await PulumiCommand.get({ root, skipVersionCheck: true }), { run: spare });
}
