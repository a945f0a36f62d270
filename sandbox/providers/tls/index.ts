import type { ProviderDefinition } from "../framework";
import { localResource } from "../framework/local-resource";
import { FUNCTIONS } from "./functions";
import { RESOURCES } from "./resources";

/** @pulumi/tls: keys and certificates, made with Node's OpenSSL. */
export const tlsProvider: ProviderDefinition = {
  name: "tls",
  version: "5.6.1",
  configure: async () => ({
    resource: (type) => {
      const resource = RESOURCES[type];
      return resource && localResource(resource);
    },
    function: (token) => FUNCTIONS[token],
  }),
};
