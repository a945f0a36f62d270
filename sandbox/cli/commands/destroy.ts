import { rm } from "node:fs/promises";
import { stopDaemon } from "../../daemon/client";
import { OperationFailed } from "../../engine/operations";
import { CommandFailed, type Context } from "../context";
import { recover } from "../recovery";
import { openSession } from "../session";
import { renderFailures, watchWith } from "../watch";

/** Removes everything in reverse order, checks that the simulated account is empty, and ends every process. */
export async function destroy({ args, progress, signal, out }: Context): Promise<void> {
  const session = await openSession(args, progress, signal);
  let deleted = 0;
  try {
    await recover(session, progress);
    progress.step("destroy: everything, in reverse order");
    const { report } = await session.engine.destroy(watchWith(progress, "destroy")).catch((error) => {
      if (!(error instanceof OperationFailed)) throw error;
      const failures = renderFailures(error.operation.report);
      throw new CommandFailed(
        `The destroy failed:\n${failures === "" ? error.message : failures}\nWhat is left is in the state; run the same command again.`,
      );
    });
    deleted = report.delete;
  } finally {
    await session.engine.close();
  }
  const { account } = await session.daemon.status();
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
