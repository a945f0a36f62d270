import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { metadata } from "../../kit/labels";
import type { SecretHandle, SecretRequest, SecretSource } from "../../kit/secret-source";

/**
 * Secrets whose values the program has: from Pulumi's encrypted settings, or a SOPS file. Each value is marked secret
 * before anything else is done with it, so that it is encrypted in the state and masked in previews and logs.
 */
export class ValueSecrets implements SecretSource {
  private readonly values: ReadonlyMap<string, pulumi.Output<string>>;

  /** `where` is what the operator is told when a name is missing. */
  constructor(
    values: Readonly<Record<string, string>>,
    private readonly where: (name: string) => string,
  ) {
    this.values = new Map(Object.entries(values).map(([name, value]) => [name, pulumi.secret(value)]));
  }

  secret(name: string, request: SecretRequest, opts?: pulumi.CustomResourceOptions): SecretHandle {
    const { secretName, namespace, owner, keys } = request;
    this.checkNames(name, Object.values(keys));
    const ready = new k8s.core.v1.Secret(
      name,
      {
        metadata: metadata(owner, { name: secretName, namespace }),
        type: request.type ?? "Opaque",
        stringData: {
          ...request.plain,
          ...Object.fromEntries(Object.entries(keys).map(([key, from]) => [key, this.values.get(from)!])),
        },
      },
      opts,
    );
    return { secretName, namespace, ready };
  }

  /** Rules have looked at this before; what they do not know of is still an error that says what to do. */
  private checkNames(name: string, wanted: readonly string[]): void {
    const missing = [...new Set(wanted)].filter((each) => !this.values.has(each));
    if (missing.length > 0) {
      throw new Error(missing.map((each) => `${name} needs the secret "${each}": ${this.where(each)}`).join("\n"));
    }
  }
}
