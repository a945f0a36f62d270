/** Where the Jobs find their files. */
export const JOB_FILES = "/etc/orrery";

/**
 * Signs in as the administrator. Passwords and client secrets come from the environment and go to Keycloak on standard
 * input: a command line can be read by everything on the node.
 */
const signIn = `set -euo pipefail
kcadm() { /opt/keycloak/bin/kcadm.sh "$@" --config /tmp/kcadm.config; }
# kcadm takes the password from KC_CLI_PASSWORD.
kcadm config credentials --server "$SERVER" --realm master --user "$ADMIN_USER"
`;

/** Makes the realm, or brings it in line; people, groups and clients in it are left alone. */
export const realmScript = `${signIn}
if kcadm get "realms/$REALM" --fields realm > /dev/null 2> /tmp/error; then
  kcadm update "realms/$REALM" -f ${JOB_FILES}/realm.json
else
  error=$(< /tmp/error)
  # Anything but "there is none" must not end in a second realm.
  if [[ \${error,,} != *"not found"* ]]; then
    printf '%s\\n' "$error" >&2
    exit 1
  fi
  kcadm create realms -f ${JOB_FILES}/realm.json
fi
`;

/** Makes the client and the groups that it asks for, or brings the client in line. */
export const clientScript = `${signIn}
definition=$(< ${JOB_FILES}/client.json)
definition=\${definition/@CLIENT_SECRET@/$CLIENT_SECRET}
id=$(kcadm get clients -r "$REALM" -q "clientId=$CLIENT_ID" --fields id --format csv --noquotes)
if [ -n "$id" ]; then
  printf '%s' "$definition" | kcadm update "clients/$id" -r "$REALM" -f -
else
  printf '%s' "$definition" | kcadm create clients -r "$REALM" -f -
fi
while IFS= read -r group; do
  [ -n "$group" ] || continue
  known=$(kcadm get groups -r "$REALM" -q "search=$group" -q exact=true --fields name --format csv --noquotes)
  if [ "$known" != "$group" ]; then
    printf '{"name": "%s"}' "$group" | kcadm create groups -r "$REALM" -f -
  fi
done < ${JOB_FILES}/groups
`;

export interface RealmDefinition {
  readonly realm: string;
}

/** A realm that is careful by default: no sign-up, guesses are slowed down, TLS for everybody outside. */
export function realmDefinition({ realm }: RealmDefinition) {
  return {
    realm,
    enabled: true,
    sslRequired: "external",
    registrationAllowed: false,
    bruteForceProtected: true,
    permanentLockout: false,
    failureFactor: 10,
    passwordPolicy: "length(12) and notUsername() and notEmail()",
    eventsEnabled: true,
    eventsExpiration: 2_592_000,
    adminEventsEnabled: true,
  };
}

export interface ClientDefinition {
  readonly clientId: string;
  readonly redirectUris: readonly string[];
}

/** A confidential client with the code flow and PKCE alone; tokens name the groups of who signed in. */
export function clientDefinition({ clientId, redirectUris }: ClientDefinition) {
  return {
    clientId,
    name: clientId,
    enabled: true,
    protocol: "openid-connect",
    publicClient: false,
    clientAuthenticatorType: "client-secret",
    secret: "@CLIENT_SECRET@",
    standardFlowEnabled: true,
    implicitFlowEnabled: false,
    directAccessGrantsEnabled: false,
    serviceAccountsEnabled: false,
    redirectUris: [...redirectUris],
    webOrigins: ["+"],
    attributes: { "post.logout.redirect.uris": "+" },
    protocolMappers: [
      {
        name: "groups",
        protocol: "openid-connect",
        protocolMapper: "oidc-group-membership-mapper",
        config: {
          "claim.name": "groups",
          "full.path": "false",
          "id.token.claim": "true",
          "access.token.claim": "true",
          "userinfo.token.claim": "true",
        },
      },
    ],
  };
}
