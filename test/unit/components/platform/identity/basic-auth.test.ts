import { describe, expect, it } from "vitest";
import { BasicAuth } from "../../../../../components/platform/identity";
import { htpasswdLine } from "../../../../../components/platform/identity/basic-auth";
import { record } from "../../recorder";

const owner = { name: "x", instance: "x", component: "console", domain: "apps" };

describe("basic authentication", () => {
  it("writes lines as htpasswd -s does", () => {
    // htpasswd -nbs alice secret
    expect(htpasswdLine("alice", "secret")).toBe("alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=");
  });

  it("makes a password for each user; the gateway gets their hashes, people the passwords, both as secrets", async () => {
    const made = await record(() => new BasicAuth("docs", { namespace: "apps", owner, users: ["alice", "bob"] }));
    const hashes = made.one("Secret", "docs-htpasswd");
    const file = `${htpasswdLine("alice", "made-up-docs-alice")}\n${htpasswdLine("bob", "made-up-docs-bob")}\n`;
    expect(hashes.inputs["stringData"]).toEqual({ ".htpasswd": file, auth: file });
    const passwords = made.one("Secret", "docs-passwords");
    expect(passwords.inputs["stringData"]).toEqual({ alice: "made-up-docs-alice", bob: "made-up-docs-bob" });
    for (const secret of [hashes, passwords]) {
      expect(secret.secrets.filter((path) => path.startsWith("stringData")).length).toBeGreaterThan(0);
    }
  });

  it.each([[[]], [["Alice"]], [["a:b"]], [["alice", "alice"]]])("refuses the users %j", (users) => {
    expect(() => new BasicAuth("docs", { namespace: "apps", owner, users })).toThrow("at least one user, each once");
  });
});
