import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { hetznerEndpoint } from "../daemon/identity";
import type { Progress } from "../progress";
import { endOrphans } from "../recovery/orphans";
import { needsRecovery, recoverStack } from "../recovery/recover";
import { deploymentOf } from "../recovery/state";
import { CommandFailed } from "./context";
import type { Session } from "./session";

/**
 * What an earlier run that died left open: processes, the engine's lock, and operations of which the state only knows
 * that they had begun. The stack's own lock guarantees that nobody else works on it.
 */
export async function recover(session: Session, progress: Progress): Promise<void> {
  const ended = await endOrphans(session.paths.root);
  if (ended.length > 0) progress.note(`an earlier run was killed; ended what it left running: ${ended.join(", ")}`);
  if (await isLocked(session)) {
    await session.engine.run(["cancel", "--yes"]);
    progress.note("an earlier run was killed; its lock on the state is taken away");
  }
  if (!(await isOpen(session))) return;
  progress.step("an earlier run did not end well; looking what became of what it had begun");
  try {
    await recoverStack({
      pulumi: session.engine.run,
      account: async () => ({
        endpoint: hetznerEndpoint(session.identity),
        token: session.identity.hetznerToken,
      }),
      tell: (line) => progress.note(line),
    });
  } catch (error) {
    throw new CommandFailed(
      `What the earlier run left could not be put in order:\n${error instanceof Error ? error.message : error}\n` +
        "Nothing else was changed; run the same command again.",
    );
  }
}

const backend = (session: Session) => path.join(session.paths.state, ".pulumi");

async function isLocked(session: Session): Promise<boolean> {
  const folder = path.join(backend(session), "locks", "organization", "orrery", path.basename(session.paths.root));
  if (!existsSync(folder)) return false;
  return (await readdir(folder)).some((file) => file.endsWith(".json"));
}

/** Read from the file itself: in almost every run there is nothing, and that must cost nothing. */
async function isOpen(session: Session): Promise<boolean> {
  const file = path.join(backend(session), "stacks", "orrery", `${path.basename(session.paths.root)}.json`);
  if (!existsSync(file)) return false;
  return needsRecovery(deploymentOf(await readFile(file, "utf8")));
}
