import { stopDaemon } from "../../daemon/client";
import { stackPaths } from "../../paths";
import type { Context } from "../context";

/** Ends every process of the sandbox; the state stays. */
export async function stop({ args, out }: Context): Promise<void> {
  const stopped = await stopDaemon(stackPaths(args.stack));
  if (args.json) out(JSON.stringify({ stack: args.stack, stopped }, null, 2));
  else out(`${args.stack}: ${stopped ? "stopped; `up` goes on from here" : "was not running"}`);
}
