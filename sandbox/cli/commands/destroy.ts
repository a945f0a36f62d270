import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Daemon, stopDaemon } from "../../daemon/client";
import type { DaemonStatus } from "../../daemon/protocol";
import { CommandFailed, type Context } from "../context";
import { operationFailed } from "../failure";
import { recover } from "../recovery";
import { openSession } from "../session";
import { unprotect } from "../unprotect";
import { watchWith } from "../watch";

/** How long the last actions in the account (a volume's deletion, say) get to end. */
const emptyMs = 10_000;

/** Removes everything in reverse order, checks that the simulated account is empty, and ends every process. */
export async function destroy({ args, progress, signal, out }: Context): Promise<void> {
  const session = await openSession(args, progress, signal);
  let deleted = 0;
  try {
    await recover(session, progress);
    await unprotect(session, progress);
    progress.step("destroy: everything, in reverse order");
    const { report } = await session.engine.destroy(watchWith(progress, "destroy")).catch((error) => {
      throw operationFailed("The destroy", error, "What is left is in the state; run the same command again.");
    });
    deleted = report.delete;
  } finally {
    await session.engine.close();
  }
  const account = await emptied(session.daemon);
  await stopDaemon(session.paths);
  const { kubeconfig, talosconfig, standInLog, machines, controlPlane } = session.paths;
  // Dedicated machines are as they were delivered, and the cluster that ran on the machines is gone with them.
  for (const gone of [kubeconfig, talosconfig, standInLog, machines, controlPlane]) {
    await rm(gone, { recursive: true, force: true });
  }
  progress.done();
  if (args.json) out(JSON.stringify({ stack: args.stack, deleted, left: account }, null, 2));
  else
    out(
      `${args.stack}: ${deleted} resources deleted; left in the account: ${account.length === 0 ? "nothing" : account.length}`,
    );
  if (account.length > 0) {
    const list = account.map(({ kind, id, name }) => `- ${kind} ${name} (${id})`).join("\n");
    throw new CommandFailed(`The destroy left this in the simulated account:\n${list}`);
  }
}

/** What is left in the account, once it is nothing or the last actions have had their time. */
async function emptied(daemon: Daemon): Promise<DaemonStatus["account"]> {
  for (const deadline = Date.now() + emptyMs; ; await sleep(250)) {
    const { account } = await daemon.status();
    if (account.length === 0 || Date.now() > deadline) return account;
  }
}
