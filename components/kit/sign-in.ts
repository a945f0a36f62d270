import type * as pulumi from "@pulumi/pulumi";
import type { Consumer } from "./capability";
import type { PodIdentity } from "./labels";
import type { NamespaceHandle } from "./namespace";

/** Full URLs: the first one is for browsers, the others are inside the cluster. */
export interface OidcEndpoints {
  readonly authorization: string;
  readonly token: string;
  /** The provider's public keys (JWKS). */
  readonly keys: string;
  /** Where a browser ends the session at the provider as well. @default - nowhere */
  readonly logout?: string;
}

/** A client of the identity provider: what a program needs to sign people in. */
export interface OidcClient {
  /** URL of the issuer, as people's browsers and the program see it. */
  readonly issuer: string;
  /**
   * The issuer's URL inside the cluster, for a program that asks for tokens and keys without leaving it: its discovery
   * document names the same issuer. @default - none
   */
  readonly internalUrl?: string;
  /** The endpoints by themselves, for a program that does not ask for the discovery document. @default - discovery */
  readonly endpoints?: OidcEndpoints;
  readonly clientId: string;
  /** Secret with the keys `client-id` and `client-secret`, in the consumer's namespace. */
  readonly secretName: string;
  readonly secretNamespace: string;
  /** Pods of the identity provider. */
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource;
}

export interface OidcClientArgs {
  /** Whose namespace gets the Secret, and whose pods may reach the identity provider. */
  readonly consumer: Omit<Consumer, "namespace"> & { readonly namespace: NamespaceHandle };
  /** Where the browser may be sent back to; exact URLs. */
  readonly redirectUris: readonly string[];
  /** Groups whose members may use the client. @default - everyone who can sign in */
  readonly groups?: readonly string[];
}

/** Who people are. */
export interface IdentityProvider {
  readonly issuer: string;
  client(name: string, args: OidcClientArgs): OidcClient;
}

/** How a route finds out who asks. */
export type SignIn =
  | {
      readonly kind: "oidc";
      readonly client: OidcClient;
      readonly groups?: readonly string[];
      /** The backend gets the person's token: `Authorization: Bearer`, a JWT of the provider. @default false */
      readonly passToken?: boolean;
    }
  /** Secret with the same file under the keys `.htpasswd` and `auth`, in the backend's namespace. */
  | { readonly kind: "basic"; readonly secretName: string; readonly ready: pulumi.Resource };

/** Where the gateway itself takes people back to after they have signed in. */
export const SIGN_IN_CALLBACK = "/oauth2/callback";

/** The exact URL that the identity provider must allow for a host with sign-in at the gateway. */
export function signInRedirectUri(host: string): string {
  return `https://${host}${SIGN_IN_CALLBACK}`;
}
