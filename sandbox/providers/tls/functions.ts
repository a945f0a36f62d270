import type { PropertyMap, ProviderFunction } from "../framework";
import { containsSecret, secret, unwrapSecrets } from "../framework";
import { algorithmOf, parsePrivateKey, publicKeyOutputs } from "./keys";

/** tls.getPublicKey: from a private key in PEM or OpenSSH format. */
const getPublicKey: ProviderFunction = async (args) => {
  const inputs = unwrapSecrets(args);
  const pem = inputs["privateKeyPem"];
  const openssh = inputs["privateKeyOpenssh"];
  if ((typeof pem === "string") === (typeof openssh === "string")) {
    throw new Error("getPublicKey needs exactly one of privateKeyPem and privateKeyOpenssh");
  }
  const key =
    typeof pem === "string"
      ? parsePrivateKey(pem, "privateKeyPem")
      : parsePrivateKey(await opensshToPem(String(openssh)), "privateKeyOpenssh");
  const { id, outputs } = publicKeyOutputs(key);
  const given: PropertyMap = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, containsSecret(args[name]) ? secret(value) : value]),
  );
  return { id, algorithm: algorithmOf(key), ...given, ...outputs };
};

async function opensshToPem(text: string): Promise<string> {
  const { utils } = (await import("ssh2")).default;
  const key = utils.parseKey(text);
  if (key instanceof Error || Array.isArray(key) || !key.isPrivateKey()) {
    throw new Error("privateKeyOpenssh is no OpenSSH private key without a passphrase");
  }
  return key.getPrivatePEM();
}

/** By token. */
export const FUNCTIONS: Readonly<Record<string, ProviderFunction>> = {
  "tls:index/getPublicKey:getPublicKey": getPublicKey,
};
