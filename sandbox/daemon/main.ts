import { rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { stackPaths } from "../paths";
import { serveControl } from "./control";
import { identityOf } from "./identity";
import type { DaemonFile } from "./protocol";
import { createWorld } from "./world";

/** The sandbox's one long-lived process: the simulated Hetzner, the machines, the control plane, the stand-ins. */
async function main(): Promise<void> {
  const [root, sources = "", crdsDir] = process.argv.slice(2);
  if (root === undefined) throw new Error("usage: daemon/main.ts STACK_FOLDER SOURCES_HASH [CRDS_FOLDER]");
  const log = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`);
  const paths = stackPaths(path.basename(root));
  const identity = await identityOf(paths);
  const world = await createWorld({ paths, identity, crdsDir, toolsDir: requiredEnv("ORRERY_TOOLS_DIR"), log });
  const control = await serveControl(world, identity);
  const file: DaemonFile = { pid: process.pid, url: control.url, sources };
  // Whole or not at all: the command line reads it as soon as it is there.
  await writeFile(`${paths.daemonFile}.new`, JSON.stringify(file), { mode: 0o600 });
  await rename(`${paths.daemonFile}.new`, paths.daemonFile);
  log(`ready at ${control.url}, simulated Hetzner at ${world.hetzner.endpoint}`);

  let stopping = false;
  const stop = async (reason: string) => {
    if (stopping) return;
    stopping = true;
    log(`stopping: ${reason}`);
    await control.close();
    await world.close();
    await rm(paths.daemonFile, { force: true });
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void stop(signal));
  process.on("unhandledRejection", (reason) => log(`unhandled: ${reason instanceof Error ? reason.stack : reason}`));
}

function requiredEnv(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: the folder with the sandbox's tools`);
  return value;
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
});
