import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type Identity, metadata } from "./labels";

export interface GeneratedSecretArgs {
  readonly owner: Identity;
  readonly namespace: string;
  /** Keys of the Secret, each with a value of its own. */
  readonly keys: readonly string[];
  /** Length of each value: letters and digits, so that it may stand in a URL or a file. @default 48 */
  readonly length?: number;
}

export interface GeneratedSecret {
  readonly secretName: string;
  /** The made-up values by key, secret. */
  readonly values: Readonly<Record<string, pulumi.Output<string>>>;
  readonly ready: pulumi.Resource;
}

/** A Secret with passwords or keys that nobody has to know: made up once, and kept for as long as the name stays. */
export function generatedSecret(
  name: string,
  args: GeneratedSecretArgs,
  opts: pulumi.CustomResourceOptions,
): GeneratedSecret {
  const { owner, namespace, keys, length = 48 } = args;
  const values = Object.fromEntries(
    keys.map((key) => [key, new random.RandomPassword(`${name}-${key}`, { length, special: false }, opts).result]),
  );
  const ready = new k8s.core.v1.Secret(
    name,
    { metadata: metadata(owner, { name, namespace }), type: "Opaque", stringData: values },
    opts,
  );
  return { secretName: name, values, ready };
}
