import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { toolsDirectory } from "../paths";

const execute = promisify(execFile);
const LARGE = { maxBuffer: 1024 ** 3 };

/** Runs one of the sandbox's tools and resolves with what it printed; its error output is in the error. */
export async function tool(name: string, args: string[], env: Record<string, string> = {}, cwd?: string) {
  const options = { ...LARGE, cwd, env: { ...process.env, ...env } };
  return (await execute(path.join(toolsDirectory, name), args, options)).stdout;
}

export const kubectl = (kubeconfig: string, args: string[]) => tool("kubectl", ["--kubeconfig", kubeconfig, ...args]);
