import { type ProviderFunction, unwrapSecrets } from "../framework";
import { checkCommand, commandOutputs, localCommandLine } from "./inputs";
import { runCommand } from "./process";
import type { CommandKind } from "./resource";

const RUN_INPUTS = [
  "addPreviousOutputInEnv",
  "archivePaths",
  "assetPaths",
  "dir",
  "environment",
  "interpreter",
  "logging",
  "stdin",
];

export const localCommand: CommandKind = {
  inputs: [...RUN_INPUTS, "create", "delete", "triggers", "update"],
  required: [],
  run: (command, inputs, previous, context) => runCommand(localCommandLine(command, inputs, previous), context),
};

/** command.local.run: runs at every preview and update. */
export const localRun: ProviderFunction = async (args, context) => {
  const inputs = unwrapSecrets(args);
  const failures = checkCommand(inputs, [...RUN_INPUTS, "command"]);
  if (failures.length > 0) {
    throw new Error(failures.map(({ reason }) => reason).join("; "));
  }
  if (typeof inputs["command"] !== "string") {
    throw new Error("command.local.run needs a command");
  }
  return commandOutputs(args, await runCommand(localCommandLine(inputs["command"], inputs, {}), context));
};
