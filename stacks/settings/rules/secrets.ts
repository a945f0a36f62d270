import { looksSecret, showPath } from "../problem";
import type { Settings } from "../schema";
import { bootstrapSecrets, neededSecrets, secretsFor, setCommand } from "../secrets";
import { didYouMean } from "../suggest";
import { type Rule, rule } from "./rule";

const vaultAddress = /^https:\/\/[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/;
const vaultPath = /^[A-Za-z0-9][A-Za-z0-9_-]*(\/[A-Za-z0-9][A-Za-z0-9_-]*)*$/;

/** Path of a secret's value; its last part may be any text. */
function valuePath(name: string): string {
  return `secrets.values["${name}"]`;
}

export const secretsRules: Rule[] = [
  rule("secret-missing", (settings) =>
    neededSecrets(settings)
      .filter(({ name }) => isBroughtAsValue(settings, name) && settings.secrets.values[name] === undefined)
      .map(({ name, what, setting }) => ({
        path: valuePath(name),
        value: undefined,
        message: `orrery:${setting} needs the ${what}.`,
        allowed: "a value that is not empty, encrypted",
        fix: `Run ${setCommand(name)}, or remove orrery:${setting}.`,
      })),
  ),
  rule("secret-unknown", (settings) => {
    const known = secretsFor(settings);
    const { secrets } = settings;
    return Object.keys(secrets.values).flatMap((name) => {
      if (Object.hasOwn(known, name)) return [];
      const meant = didYouMean(name, Object.keys(known));
      return [
        {
          path: valuePath(name),
          value: secrets.values[name],
          message: `Nothing asks for a secret of this name.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
          allowed: Object.keys(known).join(", "),
          fix: `Run pulumi config rm --path 'orrery:${valuePath(name)}'${meant === undefined ? "." : `, then ${setCommand(meant)}`}`,
        },
      ];
    });
  }),
  rule("secret-empty", ({ secrets }) =>
    Object.entries(secrets.values).flatMap(([name, value]) =>
      value.trim() === ""
        ? [
            {
              path: valuePath(name),
              value,
              message: "This secret is empty.",
              allowed: "a value that is not empty",
              fix: `Run ${setCommand(name)}, or remove it.`,
            },
          ]
        : [],
    ),
  ),
  rule("secret-not-read", (settings) => {
    const known = secretsFor(settings);
    const { secrets } = settings;
    return secrets.source === "pulumi"
      ? []
      : Object.keys(secrets.values)
          .filter((name) => Object.hasOwn(known, name) && !bootstrapSecrets.includes(name))
          .map((name) => ({
            path: valuePath(name),
            value: secrets.values[name],
            message: `Secrets come from ${secrets.source}, so nobody reads this value.`,
            allowed: `nothing but ${bootstrapSecrets.join(" and ")} while secrets.source is ${secrets.source}`,
            fix: `Run pulumi config rm --path 'orrery:${valuePath(name)}', or set orrery:secrets.source to pulumi.`,
          }));
  }),
  rule("secret-in-plain-setting", (settings) =>
    texts({ ...settings, secrets: { ...settings.secrets, values: {} } }).flatMap(({ path, text }) => {
      const same = Object.values(settings.secrets.values).includes(text) && text.length >= 12;
      if (!same && !isToken(text)) return [];
      return [
        {
          path,
          // Whatever it is, it is not shown.
          value: "********",
          message: "This looks like a secret, and this setting is kept and printed in plain text.",
          allowed: "secrets only in orrery:secrets.values",
          fix: "Take it out, replace it where it came from, and set it with pulumi config set --secret.",
        },
      ];
    }),
  ),
  rule("secret-sops-file", ({ secrets: { source, sops } }) => {
    if (source !== "sops" || sops.file !== undefined) return [];
    return [
      {
        path: "secrets.sops.file",
        value: undefined,
        message: "Secrets come from a SOPS file, and no file is named.",
        allowed: "a path relative to the project",
        fix: "Set orrery:secrets.sops.file, e.g. to secrets.dev.yaml.",
      },
    ];
  }),
  rule("secret-onepassword-vault", ({ secrets: { source, onePassword } }) => {
    if (source !== "onepassword" || onePassword.vault !== undefined) return [];
    return [
      {
        path: "secrets.onePassword.vault",
        value: undefined,
        message: "Secrets come from 1Password, and no vault is named.",
        allowed: "the name of a vault that the Connect server may read",
        fix: "Set orrery:secrets.onePassword.vault, e.g. to orrery.",
      },
    ];
  }),
  rule("vault-source", ({ secrets: { source, vault } }) => {
    if (source !== "vault" || vault.enabled || vault.address !== undefined) return [];
    return [
      {
        path: "secrets.source",
        value: source,
        message: "Secrets come from Vault, and there is none: it neither runs here nor has an address.",
        allowed: "vault with secrets.vault.enabled or secrets.vault.address",
        fix: "Set orrery:secrets.vault.address, or orrery:secrets.vault.enabled to true.",
      },
    ];
  }),
  rule("vault-address", ({ secrets: { vault } }) =>
    vault.address === undefined || vaultAddress.test(vault.address)
      ? []
      : [
          {
            path: "secrets.vault.address",
            value: vault.address,
            message: "This is not the address of a Vault server.",
            allowed: "https:// and a host, with a port where it is not 443, without a path",
            fix: "Write e.g. https://vault.example.com:8200.",
          },
        ],
  ),
  rule("vault-address-twice", ({ secrets: { vault } }) =>
    vault.address === undefined || !vault.enabled
      ? []
      : [
          {
            path: "secrets.vault.address",
            value: vault.address,
            message: "Vault runs in the cluster, and another one's address is given.",
            allowed: "secrets.vault.enabled or secrets.vault.address",
            fix: "Remove orrery:secrets.vault.address, or set orrery:secrets.vault.enabled to false.",
          },
        ],
  ),
  rule("vault-path", ({ secrets: { vault } }) =>
    (["path", "mount"] as const).flatMap((key) =>
      vaultPath.test(vault[key])
        ? []
        : [
            {
              path: `secrets.vault.${key}`,
              value: vault[key],
              message: "Vault has no mount of this form.",
              allowed: "letters, digits, `-` and `_`, parts joined by `/`, no `/` at the ends",
              fix: `Set orrery:secrets.vault.${key} to ${key === "path" ? "orrery" : "kubernetes"}.`,
            },
          ],
    ),
  ),
  rule("vault-replicas", ({ environment, secrets: { vault } }) => {
    const allowed = environment === "prod" ? [3, 5, 7] : [1, 3, 5, 7];
    if (!vault.enabled || allowed.includes(vault.replicas)) return [];
    return [
      {
        path: "secrets.vault.replicas",
        value: vault.replicas,
        message: "Vault's servers vote: an even number fails no later than one less, and one alone loses everything.",
        allowed: `${allowed.join(", ")} in ${environment}`,
        fix: "Set orrery:secrets.vault.replicas to 3.",
      },
    ];
  }),
  rule("vault-sealed", ({ secrets: { source, vault } }) =>
    source !== "vault" || !vault.enabled || vault.initialised
      ? []
      : [
          {
            path: "secrets.source",
            value: source,
            message: "A new Vault is sealed and empty: everything that waits for a secret would wait in vain.",
            allowed: "vault once secrets.vault.initialised is true",
            fix: "Run `up` with another source first, initialise and unseal Vault as in docs/secrets.md, then set orrery:secrets.vault.initialised to true.",
          },
        ],
  ),
];

/** Every name comes from the settings while they are the source; what opens another source always does. */
function isBroughtAsValue({ secrets }: Settings, name: string): boolean {
  return secrets.source === "pulumi" || bootstrapSecrets.includes(name);
}

/** By its form a secret, and not the hash that 64 characters may be as well. */
function isToken(text: string): boolean {
  return looksSecret(text) && !/^[0-9a-f]{64}$/.test(text);
}

/** All texts in the settings, with their paths. */
function texts(value: unknown, path: readonly PropertyKey[] = []): { path: string; text: string }[] {
  if (typeof value === "string") return [{ path: showPath(path), text: value }];
  if (Array.isArray(value)) return value.flatMap((each, index) => texts(each, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => texts(each, [...path, key]));
}
