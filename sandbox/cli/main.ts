import { mkdir } from "node:fs/promises";
import { PulumiFailed } from "../engine/pulumi-failed";
import { repository, stackPaths } from "../paths";
import { createProgress } from "../progress";
import { withLock } from "../tools/lock";
import { type Arguments, type Command, parseArguments, UsageError, usage } from "./args";
import { CommandFailed, type Context } from "./context";

type Run = (context: Context) => Promise<void>;

/** Loaded one by one: `stop` must not wait until the engine's libraries are read. */
const runners: Record<Command, () => Run> = {
  up: () => (require("./commands/up") as typeof import("./commands/up")).up,
  preview: () => (require("./commands/preview") as typeof import("./commands/preview")).preview,
  destroy: () => (require("./commands/destroy") as typeof import("./commands/destroy")).destroy,
  status: () => (require("./commands/status") as typeof import("./commands/status")).status,
  stop: () => (require("./commands/stop") as typeof import("./commands/stop")).stop,
  env: () => (require("./commands/env") as typeof import("./commands/env")).env,
  logs: () => (require("./commands/logs") as typeof import("./commands/logs")).logs,
};

/** Commands that change the stack's state or its processes run one at a time. */
const exclusive: ReadonlySet<Command> = new Set<Command>(["up", "preview", "destroy", "stop"]);

async function execute(args: Arguments, context: Context): Promise<void> {
  const run = runners[args.command]();
  if (!exclusive.has(args.command)) return run(context);
  const paths = stackPaths(args.stack);
  await mkdir(paths.root, { recursive: true });
  await withLock(
    paths.lock,
    (holder) => context.progress.update(`waiting for another operation on stack ${args.stack} (process ${holder})`),
    () => run(context),
  );
}

async function main(): Promise<number> {
  if (process.argv.includes("--help") || process.argv.includes("-h")) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const args = parseArguments(process.argv.slice(2), repository);
  const progress = createProgress(process.stderr);
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (abort.signal.aborted) return;
      progress.note("interrupted: letting what is in flight finish, so that nothing is lost (this can take a moment)");
      abort.abort(new CommandFailed("Interrupted. The state is complete; run the same command again to go on."));
    });
  }
  try {
    await execute(args, { args, progress, signal: abort.signal, out: (text) => process.stdout.write(`${text}\n`) });
    return 0;
  } catch (error) {
    progress.done();
    const interrupted: unknown = abort.signal.aborted ? abort.signal.reason : undefined;
    // What the interrupt cut off tells where it hung.
    if (interrupted && error instanceof CommandFailed && error !== interrupted)
      process.stderr.write(`\n${error.message}\n`);
    process.stderr.write(`\n${explain(interrupted ?? error)}\n`);
    return abort.signal.aborted ? 130 : 1;
  }
}

/** What was foreseen speaks for itself; only a mistake of ours (a TypeError, say) is shown with where it happened. */
function explain(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason);
  const foreseen = reason instanceof CommandFailed || reason.constructor === Error || reason instanceof PulumiFailed;
  return foreseen ? reason.message : (reason.stack ?? reason.message);
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error instanceof UsageError ? error.message : error}\n`);
    process.exit(2);
  },
);
