import { describe, expect, it } from "vitest";
import { ValueSecrets } from "../../../../../components/platform/secrets";
import { at, record } from "../../recorder";

const owner = { name: "external-dns", instance: "external-dns", component: "controller", domain: "dns" };
const request = { secretName: "token", namespace: "dns", owner, keys: { token: "dns-api-token" } };

describe("secrets whose values the program has", () => {
  it("become a Kubernetes Secret whose every value is secret", async () => {
    const made = await record(() => {
      new ValueSecrets({ "dns-api-token": "sesame" }, () => "").secret("dns-token", {
        ...request,
        plain: { zone: "a" },
      });
    });
    const secret = made.one("Secret", "token");
    expect(secret.inputs["stringData"]).toEqual({ token: "sesame", zone: "a" });
    expect(secret.secrets.some((path) => "stringData.token".startsWith(path))).toBe(true);
    expect(at(secret.inputs, "metadata", "namespace")).toBe("dns");
    expect(at(secret.inputs, "metadata", "labels", "app.kubernetes.io/instance")).toBe("external-dns");
    expect(secret.inputs["type"]).toBe("Opaque");
  });

  it("take the type that is asked for, and are what to depend on", async () => {
    let ready: unknown;
    const made = await record(() => {
      const source = new ValueSecrets({ "dns-api-token": "sesame" }, () => "");
      const handle = source.secret("dns-token", { ...request, type: "kubernetes.io/basic-auth" });
      expect([handle.secretName, handle.namespace]).toEqual(["token", "dns"]);
      ready = handle.ready;
    });
    expect(made.one("Secret", "token").inputs["type"]).toBe("kubernetes.io/basic-auth");
    expect(ready).toBeDefined();
  });

  it("name all that are missing and what to do, and no value", () => {
    const source = new ValueSecrets({ a: "sesame" }, (name) => `set ${name}`);
    const ask = () => source.secret("dns-token", { ...request, keys: { x: "a", y: "b", z: "c" } });
    expect(ask).toThrow('dns-token needs the secret "b": set b\ndns-token needs the secret "c": set c');
    expect(ask).not.toThrow("sesame");
  });
});
