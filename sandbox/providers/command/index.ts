import type { ProviderDefinition } from "../framework";
import { localCommand, localRun } from "./local";
import { remoteCommand } from "./remote";
import { commandResource } from "./resource";

/** @pulumi/command 1.2.1: scripts on this machine, and over SSH. */
export const commandProvider: ProviderDefinition = {
  name: "command",
  version: "1.2.1",
  configure: async () => ({
    resource: (type) => {
      switch (type) {
        case "command:local:Command":
          return commandResource(localCommand);
        case "command:remote:Command":
          return commandResource(remoteCommand);
        default:
          return undefined;
      }
    },
    function: (token) => (token === "command:local:run" ? localRun : undefined),
  }),
};
