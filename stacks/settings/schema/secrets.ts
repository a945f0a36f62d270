import { z } from "zod";
import { console } from "./data/common";
import { doc } from "./doc";

const size = doc(z.enum(["small", "medium", "large"]).default("small"), "CPU and memory of each Vault server.");

const Vault = z.strictObject({
  enabled: doc(z.boolean().default(false), "Run Vault in the cluster. It starts sealed: docs/secrets.md."),
  initialised: doc(
    z.boolean().default(false),
    "Say that the Vault in the cluster was initialised, unsealed and given its role: only then can secrets come from it.",
    { allowed: "true after the steps in docs/secrets.md" },
  ),
  replicas: doc(z.number().int().min(1).max(7).default(3), "Vault servers: a raft cluster.", {
    allowed: "1, 3, 5 or 7; not 1 in prod",
  }),
  storageGiB: doc(z.number().int().min(10).max(1024).default(10), "Volume of each Vault server, in GiB. It can grow.", {
    allowed: "10 to 1024; cannot shrink",
  }),
  auditStorageGiB: doc(
    z.number().int().min(10).max(1024).default(10),
    "Volume of each Vault server's audit log, in GiB. It can grow.",
    { allowed: "10 to 1024; cannot shrink" },
  ),
  size,
  console: console(
    "Vault's web page, of the Vault in the cluster. It asks for a token of Vault's own after the sign-in.",
  ),
  address: doc(z.string().optional(), "Address of a Vault outside the cluster, for source `vault`.", {
    defaultText: "the Vault in the cluster",
    allowed: "https:// and a host, with a port where it is not 443",
  }),
  path: doc(z.string().min(1).default("orrery"), "Mount of the KV engine (version 2) that holds the secrets.", {
    allowed: "letters, digits, `-`, `_` and `/`",
  }),
  mount: doc(z.string().min(1).default("kubernetes"), "Mount of Vault's Kubernetes auth method.", {
    allowed: "letters, digits, `-`, `_` and `/`",
  }),
  role: doc(z.string().min(1).default("external-secrets"), "Role of the External Secrets Operator in that method."),
});

const OnePassword = z.strictObject({
  vault: doc(z.string().min(1).optional(), "Vault of 1Password that holds the secrets, one item for each name.", {
    defaultText: "not set; required with source onepassword",
  }),
  field: doc(z.string().min(1).default("password"), "Field of the item that holds the value."),
});

/** Where secrets come from that people bring along. */
export const SecretSettings = z.strictObject({
  source: doc(
    z.enum(["pulumi", "sops", "vault", "onepassword"]).default("pulumi"),
    "pulumi: `secrets.values`, encrypted by Pulumi; sops: a file encrypted by SOPS; vault and onepassword: fetched in the cluster by the External Secrets Operator.",
  ),
  values: doc(
    z.record(z.string(), z.string()).default({}),
    "Secrets by name. Never in plain text: `pulumi config set --secret --path 'orrery:secrets.values[\"dns-api-token\"]'`.",
    { allowed: "the names in docs/secrets.md, each with a value that is not empty" },
  ),
  sops: doc(
    z
      .strictObject({
        file: doc(z.string().min(1).optional(), "File encrypted by SOPS: names and values, YAML or JSON.", {
          defaultText: "not set; required with source sops",
          allowed: "a path relative to the project, e.g. secrets.dev.yaml",
        }),
      })
      .prefault({}),
    "Secrets in an encrypted file beside the program.",
  ),
  vault: doc(Vault.prefault({}), "HashiCorp Vault: run here, or asked for secrets, or both."),
  onePassword: doc(OnePassword.prefault({}), "1Password, through its Connect server in the cluster."),
});
