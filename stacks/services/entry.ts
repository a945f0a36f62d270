import type * as pulumi from "@pulumi/pulumi";
import type { Handle } from "../../components/kit/capability";
import type { Platform } from "../../components/platform";
import type { Settings } from "../settings";
import type { Systems } from "../systems";

/** Where a Secret is. Its content never leaves the cluster by way of an output. */
export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
}

/** How to reach something that a service offers. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly secret?: SecretReference;
}

/** What a service says about itself in the stack's outputs. */
export interface ServiceOutputs extends Connection {
  /** Where people find it, when it is exposed. */
  readonly url?: string;
  /** Databases declared in the settings, by name. */
  readonly databases?: Readonly<Record<string, Connection>>;
  /** Anything else declared in the settings: topics, users, streams, caches; by kind and name. */
  readonly declared?: Readonly<Record<string, Readonly<Record<string, Connection>>>>;
}

export type Services = Settings["services"];

/** What a service of the catalogue is made from. */
export interface CreateArgs<Name extends keyof Services> {
  readonly settings: Services[Name];
  readonly platform: Platform;
  readonly systems: Systems;
  readonly opts: pulumi.ComponentResourceOptions;
}

export interface Made<Component> {
  readonly component: Component;
  readonly outputs: ServiceOutputs;
}

/** A capability's handle as the stack's outputs show it. */
export function connectionOf(handle: Handle & { readonly secretNamespace: string }): Connection {
  const { host, port, secretNamespace: namespace, secretName: name } = handle;
  return { host, port, secret: { namespace, name } };
}
