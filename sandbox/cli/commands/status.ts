import { findDaemon } from "../../daemon/client";
import { identityOf } from "../../daemon/identity";
import { stackPaths } from "../../paths";
import type { Context } from "../context";
import { table } from "../summary";

/** What runs, and what the simulated account holds. */
export async function status({ args, out }: Context): Promise<void> {
  const paths = stackPaths(args.stack);
  const daemon = await findDaemon(paths, await identityOf(paths));
  if (!daemon) {
    out(args.json ? JSON.stringify({ stack: args.stack, running: false }, null, 2) : `${args.stack}: stopped`);
    return;
  }
  const state = await daemon.status();
  if (args.json) {
    out(JSON.stringify({ stack: args.stack, running: true, ...state }, null, 2));
    return;
  }
  out(
    [
      `${args.stack}: running (process ${state.pid}), simulated Hetzner at ${state.hetzner}`,
      `control plane: ${state.controlPlane.running ? "running" : state.controlPlane.restoring ? "coming back" : "not running"}`,
      "",
      table(
        ["machine", "address", "type", "stage", ""],
        state.machines.map(({ spec, stage, message }) => [
          spec.name,
          spec.address,
          spec.serverType,
          stage,
          message ?? "",
        ]),
      ),
      "",
      table(
        ["in the account", "id", "name"],
        state.account.map(({ kind, id, name }) => [kind, id, name]),
      ),
    ].join("\n"),
  );
}
