import type * as pulumi from "@pulumi/pulumi";
import type { Identity } from "./labels";

export interface SecretRequest {
  /** Name of the Kubernetes Secret. */
  readonly secretName: string;
  readonly namespace: string;
  readonly owner: Identity;
  /** Key in the Kubernetes Secret -> name of the secret in the settings (`orrery:secrets.values`) or the vault. */
  readonly keys: Readonly<Record<string, string>>;
  /** Keys whose values are no secret, so that one Secret has all that a client wants. @default - none */
  readonly plain?: Readonly<Record<string, string>>;
  /** @default Opaque */
  readonly type?: string;
}

export interface SecretHandle {
  readonly secretName: string;
  readonly namespace: string;
  /** Depend on this: the Secret is there. */
  readonly ready: pulumi.Resource;
}

/**
 * Where secrets come from that people bring along (tokens of other services, keys): Pulumi's encrypted settings, a
 * SOPS file, Vault or 1Password. What the program can make up itself (passwords, keys) never passes through here.
 */
export interface SecretSource {
  secret(name: string, request: SecretRequest, opts?: pulumi.CustomResourceOptions): SecretHandle;
}
