import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Identity, metadata } from "./labels";

/** Who has a Secret, and where. */
interface Holder {
  readonly identity: Identity;
  readonly namespace: { readonly name: string };
}

export interface ConsumerSecretArgs {
  /** Name in both namespaces. */
  readonly secretName: string;
  readonly server: Holder;
  /** @default - nobody yet: the Secret is beside the server */
  readonly consumer?: Holder;
  readonly stringData: Record<string, pulumi.Input<string>>;
}

/**
 * A consumer's credentials where the consumer is, and once more beside the server where that is elsewhere. Returns the
 * one beside the server: what sets the credentials up there depends on it.
 */
export function consumerSecret(
  name: string,
  { secretName, server, consumer, stringData }: ConsumerSecretArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret {
  const create = (pulumiName: string, { identity, namespace }: Holder) =>
    new k8s.core.v1.Secret(
      pulumiName,
      { metadata: metadata(identity, { name: secretName, namespace: namespace.name }), type: "Opaque", stringData },
      opts,
    );
  const home = create(name, consumer ?? server);
  return consumer === undefined || consumer.namespace.name === server.namespace.name
    ? home
    : create(`${name}-server`, server);
}
