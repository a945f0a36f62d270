import type { ProviderDefinition } from "../framework";
import { localResource } from "../framework/local-resource";
import { RESOURCES } from "./resources";

/** @pulumi/random: the values come from the operating system's generator and stay in the state. */
export const randomProvider: ProviderDefinition = {
  name: "random",
  version: "4.21.2",
  configure: async () => ({
    resource: (type) => {
      const resource = RESOURCES[type];
      return resource && localResource(resource);
    },
  }),
};
