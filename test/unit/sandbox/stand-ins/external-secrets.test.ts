import { describe, expect, it } from "vitest";
import { desiredExternalSecret, desiredStore } from "../../../../sandbox/stand-ins/operators/external-secrets";
import { observing } from "./observed";

const store = (ready: "True" | "False") => ({
  kind: "ClusterSecretStore",
  metadata: { name: "secrets" },
  spec: { provider: {} },
  status: { conditions: [{ type: "Ready", status: ready, reason: "r", message: "" }] },
});

const external = {
  apiVersion: "external-secrets.io/v1",
  kind: "ExternalSecret",
  metadata: { namespace: "dns", name: "token", uid: "u" },
  spec: {
    secretStoreRef: { kind: "ClusterSecretStore", name: "secrets" },
    target: { name: "token", template: { type: "Opaque", metadata: { labels: { a: "b" } }, data: { zone: "x" } } },
    data: [
      { secretKey: "token", remoteRef: { key: "dns-api-token" } },
      { secretKey: "other", remoteRef: { key: "second" } },
    ],
  },
};

describe("a store", () => {
  const vault = { vault: { auth: { kubernetes: { serviceAccountRef: { name: "eso", namespace: "eso" } } } } };
  const onepassword = {
    onepassword: { auth: { secretRef: { connectTokenSecretRef: { name: "t", namespace: "eso", key: "k" } } } },
  };
  const account = { kind: "ServiceAccount", metadata: { namespace: "eso", name: "eso" } };
  const token = (data: object) => ({ kind: "Secret", metadata: { namespace: "eso", name: "t" }, data });

  it.each([
    ["Vault without the account", vault, [], "False"],
    ["Vault with the account", vault, [account], "True"],
    ["1Password without the token", onepassword, [], "False"],
    ["1Password without the token's key", onepassword, [token({})], "False"],
    ["1Password with the token", onepassword, [token({ k: "eA==" })], "True"],
    ["a provider that it does not know", {}, [], "False"],
  ])("%s", (_, provider, seen, status) => {
    const resource = { kind: "ClusterSecretStore", metadata: { name: "secrets" }, spec: { provider } };
    expect(desiredStore(resource, observing(seen)).status).toMatchObject({ conditions: [{ type: "Ready", status }] });
  });
});

describe("an ExternalSecret", () => {
  const own = { kind: "Secret", metadata: { namespace: "dns", name: "token" } };

  it.each([
    ["no store", [], 0, "False"],
    ["a store that is not ready", [store("False")], 0, "False"],
    ["a ready store", [store("True")], 1, "False"],
    ["its Secret", [store("True"), own], 1, "True"],
    ["its Secret, and a store that is away", [store("False"), own], 0, "False"],
  ])("with %s", (_, seen, secrets, status) => {
    const desired = desiredExternalSecret(external, observing(seen));
    expect(desired.secrets).toHaveLength(secrets);
    expect(desired.status).toMatchObject({ conditions: [{ type: "Ready", status }] });
  });

  it("becomes a Secret of its own with a value for each key, and what the template adds", () => {
    const [secret] = desiredExternalSecret(external, observing([store("True")])).secrets!;
    expect(secret).toMatchObject({
      make: "password",
      type: "Opaque",
      metadata: { namespace: "dns", name: "token", labels: { a: "b" }, ownerReferences: [{ uid: "u" }] },
    });
    expect(secret!.make === "password" && secret!.data("pw")).toEqual({
      zone: "x",
      token: "dns-api-token-pw",
      other: "second-pw",
    });
  });
});
