import type { Variable } from "../../kit/pod";
import type { OidcClient } from "../../kit/sign-in";

/** Groups of the identity provider, and what their members may do. */
export interface GrafanaRoles {
  readonly adminGroups: readonly string[];
  readonly editorGroups: readonly string[];
  /** Empty: everybody who can sign in may look. */
  readonly viewerGroups: readonly string[];
}

/** Where the browser comes back to: after signing in, and after signing out. */
export function redirectUris(host: string): string[] {
  return [`https://${host}/login/generic_oauth`, `https://${host}/login`];
}

/** Everybody who may sign in at all, by group; empty: everybody who has an account. */
export function allowedGroups({ adminGroups, editorGroups, viewerGroups }: GrafanaRoles): string[] {
  return viewerGroups.length === 0 ? [] : [...new Set([...adminGroups, ...editorGroups, ...viewerGroups])];
}

/** JMESPath over what the identity provider says of a person; the first that holds. */
export function rolePath({ adminGroups, editorGroups }: GrafanaRoles): string {
  const anyOf = (groups: readonly string[]) => groups.map((group) => `contains(groups[*], '${group}')`).join(" || ");
  const cases = [
    ...(adminGroups.length === 0 ? [] : [`(${anyOf(adminGroups)}) && 'GrafanaAdmin'`]),
    ...(editorGroups.length === 0 ? [] : [`(${anyOf(editorGroups)}) && 'Editor'`]),
    "'Viewer'",
  ];
  return cases.join(" || ");
}

/**
 * Signing in at the identity provider. What Grafana asks for itself (tokens) stays inside the cluster; who somebody is
 * stands in the token, which comes straight from the provider.
 */
export function signInVariables(client: OidcClient, host: string, roles: GrafanaRoles): Record<string, Variable> {
  const { endpoints, issuer, secretName: secret } = client;
  if (endpoints === undefined) {
    throw new Error(`Grafana signs in by the endpoints of the identity provider, and "${issuer}" names none.`);
  }
  const groups = allowedGroups(roles);
  const back = encodeURIComponent(`https://${host}/login`);
  return prefixed("GF_AUTH_GENERIC_OAUTH_", {
    ENABLED: "true",
    NAME: "your account",
    CLIENT_ID: { secret, key: "client-id" },
    CLIENT_SECRET: { secret, key: "client-secret" },
    SCOPES: "openid email profile",
    AUTH_URL: endpoints.authorization,
    TOKEN_URL: endpoints.token,
    USE_PKCE: "true",
    USE_REFRESH_TOKEN: "true",
    // A click less; `/login?disableAutoLogin` still shows the form for the administrator.
    AUTO_LOGIN: "true",
    // People are made when they first sign in: who may is decided where they have their account.
    ALLOW_SIGN_UP: "true",
    LOGIN_ATTRIBUTE_PATH: "preferred_username",
    NAME_ATTRIBUTE_PATH: "name || preferred_username",
    EMAIL_ATTRIBUTE_PATH: "email || preferred_username",
    GROUPS_ATTRIBUTE_PATH: "groups",
    ROLE_ATTRIBUTE_PATH: rolePath(roles),
    ROLE_ATTRIBUTE_STRICT: "true",
    ALLOW_ASSIGN_GRAFANA_ADMIN: "true",
    ...(groups.length === 0 ? {} : { ALLOWED_GROUPS: groups.join(",") }),
    ...(endpoints.logout === undefined
      ? {}
      : { SIGNOUT_REDIRECT_URL: `${endpoints.logout}?post_logout_redirect_uri=${back}` }),
  });
}

function prefixed(prefix: string, values: Record<string, Variable>): Record<string, Variable> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
}
