import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type Identity, metadata } from "../../kit/labels";
import type { Service } from "../../kit/service";
import type { OidcClientArgs } from "../../kit/sign-in";

/** Keys of a client's Secret, for everybody who reads it. */
export const CLIENT_KEYS = { id: "client-id", secret: "client-secret" } as const;

/** The client's secret. Letters and digits only: it stands in JSON and in forms. */
function createClientSecret(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  return new random.RandomPassword(name, { length: 48, special: false }, { parent }).result;
}

/** Who gets the client's Secret: the provider's own namespace for the Job that makes it, and the consumer's. */
export interface ClientSecretArgs {
  readonly clientId: string;
  readonly secretName: string;
  readonly server: Service;
  readonly consumer: OidcClientArgs["consumer"];
}

/** The Secret with the client's id and secret, once for each of the two namespaces. */
export function createClientSecrets(name: string, args: ClientSecretArgs, parent: pulumi.Resource): pulumi.Resource[] {
  const stringData = { [CLIENT_KEYS.id]: args.clientId, [CLIENT_KEYS.secret]: createClientSecret(name, parent) };
  const secret = (resource: string, owner: Identity, namespace: string) =>
    new k8s.core.v1.Secret(
      resource,
      { metadata: metadata(owner, { name: args.secretName, namespace }), type: "Opaque", stringData },
      { parent },
    );
  const { server, consumer } = args;
  const made = [secret(name, server.identity, server.namespace.name)];
  if (consumer.namespace.name !== server.namespace.name) {
    made.push(secret(`${name}-consumer`, consumer.identity, consumer.namespace.name));
  }
  return made;
}

/** The name stands in the names of Kubernetes objects, in URLs and in the provider. */
export function checkClient(name: string, { redirectUris, groups = [] }: OidcClientArgs): void {
  const problems = [
    ...(/^[a-z][a-z0-9-]{0,39}$/.test(name)
      ? []
      : [`its name may have a-z, 0-9 and -, a letter first, at most 40 characters`]),
    ...(redirectUris.length > 0 ? [] : ["it has no redirect URI: nobody could ever be sent back to it"]),
    ...groups
      .filter((group) => !/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/.test(group))
      .map((group) => `group "${group}" may have letters, digits, spaces, ".", "_" and "-", at most 64`),
    ...redirectUris.filter((uri) => !isExact(uri)).map((uri) => `redirect URI "${uri}" must be https, without * and #`),
  ];
  if (problems.length > 0) {
    throw new Error(`Client "${name}" of the identity provider:\n${problems.map((each) => `  - ${each}`).join("\n")}`);
  }
}

/** An exact https URL: a pattern would let others catch the code. */
function isExact(uri: string): boolean {
  return URL.canParse(uri) && new URL(uri).protocol === "https:" && !/[*#]/.test(uri);
}
