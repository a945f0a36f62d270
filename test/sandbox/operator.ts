import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { toolsDirectory } from "../../sandbox/paths";
import type { SandboxStack } from "./stack";

const run = promisify(execFile);

/** The tools as an operator uses them: with the exports of `env`, and nothing else that the test knows. */
export interface Operator {
  exports: Record<string, string>;
  kubectl(...args: string[]): Promise<string>;
  talosctl(...args: string[]): Promise<string>;
  pulumi(...args: string[]): Promise<string>;
  nodes(): Promise<V1Node[]>;
  pods(): Promise<V1Pod[]>;
}

export async function operatorOf(stack: SandboxStack): Promise<Operator> {
  const { stdout: printed } = await stack.run("env");
  const exports = JSON.parse(printed) as Record<string, string>;
  const env = { ...process.env, ...exports, PATH: `${process.env.PATH}${path.delimiter}${exports.ORRERY_TOOLS_DIR}` };
  const tool = async (name: string, args: string[]) => {
    const { stdout } = await run(path.join(exports.ORRERY_TOOLS_DIR ?? "", name), args, {
      env,
      cwd: stack.paths.workspace,
      maxBuffer: 1 << 26,
      timeout: 60_000,
    });
    return stdout;
  };
  const kubectl = (...args: string[]) => tool("kubectl", args);
  const items = async <T>(...args: string[]) =>
    (JSON.parse(await kubectl("get", ...args, "-o", "json")) as { items: T[] }).items;
  return {
    exports,
    kubectl,
    talosctl: (...args) => tool("talosctl", args),
    pulumi: (...args) => tool("pulumi", [...args, "--stack", stack.name, "--non-interactive"]),
    nodes: () => items<V1Node>("nodes"),
    pods: () => items<V1Pod>("pods", "--all-namespaces"),
  };
}

export function isReady({ status }: V1Node | V1Pod): boolean {
  const conditions: { type: string; status: string }[] = status?.conditions ?? [];
  return conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}

/** Processes that carry the stack's folder in their command line or, as all that an operation starts, their environment. */
export async function processesOf(stack: SandboxStack): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)) {
    const read = (file: string) => readFile(path.join("/proc", pid, file), "utf8").catch(() => "");
    const command = (await read("cmdline")).split("\0").filter((part) => part !== "");
    const environment = (await read("environ")).split("\0");
    const mentions = (text: string) => text.includes(`${stack.paths.root}/`) || text.endsWith(stack.paths.root);
    // One that ended and waits for its parent has no command line any more.
    if (command.length > 0 && [...command, ...environment].some(mentions)) found.push(`${pid} ${command.join(" ")}`);
  }
  return found;
}

/** Resolves with the first answer that is not undefined. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>, timeoutMs = 60_000): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(300)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`did not happen within ${timeoutMs / 1000} s: ${what}`);
  }
}

/** The names of all servers in the simulated account, with their ids. */
export async function serversOf(stack: SandboxStack): Promise<Record<string, number>> {
  const { servers } = await stack.hetzner<{ servers: { id: number; name: string }[] }>(
    "GET",
    "/v1/servers?per_page=50",
  );
  return Object.fromEntries(servers.map(({ id, name }) => [name, id]).sort());
}

/** A tool of the sandbox, for what needs no stack. */
export const toolPath = (name: string) => path.join(toolsDirectory, name);
