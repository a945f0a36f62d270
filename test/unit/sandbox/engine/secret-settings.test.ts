import { describe, expect, it } from "vitest";
import { secretSettings } from "../../../../sandbox/engine/secret-settings";

const secure = (text: string) => ({ secure: `v1:${text}` });
const stack = (values: unknown) => ({ "orrery:secrets": { source: "pulumi", values } });

describe("people's secrets in the sandbox", () => {
  it("leaves settings without secrets as they are", () => {
    expect(secretSettings({}, undefined)).toEqual({ config: undefined, pending: {} });
    expect(secretSettings({ "orrery:secrets": { source: "sops" } }, undefined)).toEqual({
      config: { source: "sops" },
      pending: {},
    });
  });

  it("makes a value up for what only the stack's own passphrase could read, and keeps it", () => {
    const first = secretSettings(stack({ "dns-api-token": secure("theirs") }), undefined);
    expect(first.config).toEqual({ source: "pulumi", values: {} });
    expect(first.pending["dns-api-token"]).toMatch(/^sandbox-dns-api-token-[0-9a-f]{24}$/);
    const again = secretSettings(
      stack({ "dns-api-token": secure("theirs") }),
      stack({ "dns-api-token": secure("ours") }),
    );
    expect(again).toEqual({ config: { source: "pulumi", values: { "dns-api-token": secure("ours") } }, pending: {} });
  });

  it("never writes a value in plain text, and sets it anew each time", () => {
    const { config, pending } = secretSettings(stack({ a: "plain" }), stack({ a: secure("ours"), gone: secure("x") }));
    expect(config).toEqual({ source: "pulumi", values: { a: secure("ours") } });
    expect(pending).toEqual({ a: "plain" });
  });
});
