/** Where the blueprint finds the client's secret: never in the text itself. */
export const CLIENT_SECRET_VARIABLE = "CLIENT_SECRET";

export interface BlueprintArgs {
  /** Client id, and slug of the application. */
  readonly clientId: string;
  readonly redirectUris: readonly string[];
  readonly groups: readonly string[];
}

/**
 * A blueprint of Authentik: groups, the OAuth2 provider, its application, and who may use it. Everything in it is made
 * when it is missing and brought in line when it is there. Written as text: its tags (`!Find`) are not plain YAML.
 */
export function clientBlueprint({ clientId, redirectUris, groups }: BlueprintArgs): string {
  return [
    "version: 1",
    "metadata:",
    `  name: ${text(`orrery ${clientId}`)}`,
    "entries:",
    ...groups.flatMap(group),
    ...provider(clientId, redirectUris),
    ...application(clientId),
    ...groups.flatMap(binding),
    "",
  ].join("\n");
}

/** JSON is YAML: the one way of quoting that needs no thought. */
function text(value: string): string {
  return JSON.stringify(value);
}

function group(name: string): string[] {
  return ["  - model: authentik_core.group", "    identifiers:", `      name: ${text(name)}`];
}

function provider(clientId: string, redirectUris: readonly string[]): string[] {
  return [
    "  - model: authentik_providers_oauth2.oauth2provider",
    "    id: provider",
    "    identifiers:",
    `      name: ${text(clientId)}`,
    "    attrs:",
    "      client_type: confidential",
    `      client_id: ${text(clientId)}`,
    `      client_secret: !Env ${CLIENT_SECRET_VARIABLE}`,
    "      authorization_flow: !Find [authentik_flows.flow, [slug, default-provider-authorization-implicit-consent]]",
    "      invalidation_flow: !Find [authentik_flows.flow, [slug, default-provider-invalidation-flow]]",
    "      signing_key: !Find [authentik_crypto.certificatekeypair, [name, authentik Self-signed Certificate]]",
    "      issuer_mode: per_provider",
    "      include_claims_in_id_token: true",
    "      property_mappings:",
    ...["openid", "email", "profile"].map(
      (scope) =>
        `        - !Find [authentik_providers_oauth2.scopemapping, [managed, goauthentik.io/providers/oauth2/scope-${scope}]]`,
    ),
    "      redirect_uris:",
    ...redirectUris.flatMap((uri) => ["        - matching_mode: strict", `          url: ${text(uri)}`]),
  ];
}

function application(clientId: string): string[] {
  return [
    "  - model: authentik_core.application",
    "    id: application",
    "    identifiers:",
    `      slug: ${text(clientId)}`,
    "    attrs:",
    `      name: ${text(clientId)}`,
    "      provider: !KeyOf provider",
    "      policy_engine_mode: any",
  ];
}

/** Without a binding everybody may; with some, the members of any of the groups. */
function binding(name: string, index: number): string[] {
  return [
    "  - model: authentik_policies.policybinding",
    "    identifiers:",
    "      target: !KeyOf application",
    `      group: !Find [authentik_core.group, [name, ${text(name)}]]`,
    `      order: ${index}`,
  ];
}
