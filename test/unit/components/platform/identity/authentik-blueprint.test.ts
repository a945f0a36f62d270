import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { clientBlueprint } from "../../../../../components/platform/identity/authentik-blueprint";

interface Entry {
  model: string;
  id?: string;
  identifiers: Record<string, unknown>;
  attrs?: Record<string, unknown>;
}

/** The blueprint with each tag as text, `!Find [...]` as `["Find", ...]`. */
function entries(groups: string[]): Entry[] {
  const text = clientBlueprint({ clientId: "grafana", redirectUris: ["https://a.example.com/x?y=1"], groups });
  const collection = { identify: () => false, collection: "seq" as const, resolve: (seq: unknown) => seq };
  const { entries: found } = parse(text, {
    customTags: [
      { tag: "!Find", ...collection },
      { tag: "!Env", identify: () => false, resolve: (value: string) => `env ${value}` },
      { tag: "!KeyOf", identify: () => false, resolve: (value: string) => `key ${value}` },
    ],
  }) as { entries: Entry[] };
  return found;
}

describe("a client's blueprint", () => {
  it("is YAML with provider and application", () => {
    const [provider, application, ...rest] = entries([]);
    expect(rest).toEqual([]);
    expect(provider).toMatchObject({
      model: "authentik_providers_oauth2.oauth2provider",
      identifiers: { name: "grafana" },
      attrs: {
        client_type: "confidential",
        client_id: "grafana",
        client_secret: "env CLIENT_SECRET",
        redirect_uris: [{ matching_mode: "strict", url: "https://a.example.com/x?y=1" }],
      },
    });
    expect(application).toMatchObject({ identifiers: { slug: "grafana" }, attrs: { provider: "key provider" } });
  });

  it("makes each group, and lets only their members in", () => {
    const all = entries(["admins", 'odd: "name"']);
    expect(all.filter(({ model }) => model.endsWith(".group")).map(({ identifiers }) => identifiers["name"])).toEqual([
      "admins",
      'odd: "name"',
    ]);
    const bindings = all.filter(({ model }) => model.endsWith(".policybinding"));
    expect(bindings.map(({ identifiers }) => [identifiers["target"], identifiers["order"]])).toEqual([
      ["key application", 0],
      ["key application", 1],
    ]);
  });
});
