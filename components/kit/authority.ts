import type { Handle } from "./capability";
import type { ConfigMapFiles } from "./volumes";

const FOLDER = "/etc/ssl/orrery";

/** Where a client finds the certificate of the authority that signed a server's, once it has mounted it. */
export const AUTHORITY_FILE = `${FOLDER}/ca.crt`;

/** The authority of a capability, as files of the consumer's pods; none where the server speaks plain text. */
export function authorityFiles({ caConfigMap }: Pick<Handle, "caConfigMap">): ConfigMapFiles[] {
  return caConfigMap === undefined ? [] : [{ name: "authority", path: FOLDER, configMap: caConfigMap }];
}
