import { openWorld } from "../../components/kit/network-policy";
import { after } from "../../components/kit/options";
import type { SecretSource } from "../../components/kit/secret-source";
import { durableClass } from "../../components/platform";
import {
  ExternalSecrets,
  OnePasswordConnect,
  StoreSecrets,
  ValueSecrets,
  Vault,
} from "../../components/platform/secrets";
import { setCommand } from "../settings/secrets";
import type { SystemContext } from "./context";
import { readSops } from "./sops";

export interface CreatedSecrets {
  readonly source: SecretSource;
  /** The Vault in the cluster, when there is one. */
  readonly vault?: Vault;
}

/** Where secrets come from, as the settings say; and Vault, which may run without being the source. */
export function createSecrets(context: SystemContext): CreatedSecrets {
  const vault = createVault(context);
  return { source: createSource(context, vault), vault };
}

function createSource(context: SystemContext, vault: Vault | undefined): SecretSource {
  const { settings, opts } = context;
  switch (settings.secrets.source) {
    case "pulumi":
      return new ValueSecrets(settings.secrets.values, (name) => `run ${setCommand(name)}`);
    case "sops":
      return new ValueSecrets(readSops(settings), (name) => `add ${name} with sops edit`);
    case "vault":
      return createVaultSource(context, vault);
    case "onepassword": {
      const operator = createOperator(context);
      const { values, onePassword } = settings.secrets;
      const connect = new OnePasswordConnect(
        "onepassword-connect",
        {
          charts: context.platform.charts,
          operator,
          credentials: values["onepassword-credentials"] ?? "",
          token: values["onepassword-token"] ?? "",
        },
        opts,
      );
      const store = {
        kind: "onepassword",
        host: connect.host,
        vault: onePassword.vault ?? "",
        field: onePassword.field,
        token: connect.token,
      } as const;
      return new StoreSecrets("secrets", { operator, store }, after(opts, operator, connect));
    }
  }
}

/** The Vault in the cluster, or one outside. */
function createVaultSource(context: SystemContext, here: Vault | undefined): SecretSource {
  const { opts } = context;
  const { address: outside, path, mount, role } = context.settings.secrets.vault;
  const address = here?.address ?? outside ?? "";
  const operator = createOperator(context);
  here?.open({ identity: operator.identity, pods: operator.pods, namespace: operator.namespace }, operator);
  if (here === undefined) {
    const egress = [{ name: "vault", port: portOf(address) }];
    openWorld(
      "external-secrets-vault",
      { pods: operator.pods, owner: operator.identity, egress },
      { parent: operator },
    );
  }
  const store = { kind: "vault", address, path, mount, role, caPem: here?.caPem } as const;
  return new StoreSecrets("secrets", { operator, store }, after(opts, operator, here));
}

function createOperator({ platform, opts }: SystemContext): ExternalSecrets {
  const namespace = platform.namespaces.get("external-secrets");
  return new ExternalSecrets("external-secrets", { charts: platform.charts, namespace }, opts);
}

function createVault({ settings, platform, opts }: SystemContext): Vault | undefined {
  const { vault } = settings.secrets;
  if (!vault.enabled) return undefined;
  const { charts, namespaces, storage } = platform;
  const storageClass = durableClass(storage);
  return new Vault("vault", { ...vault, charts, namespace: namespaces.get("vault"), storageClass }, opts);
}

/** Of `https://host` or `https://host:port`. */
function portOf(address: string): number {
  return Number(new URL(address).port || 443);
}
