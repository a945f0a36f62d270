import { beforeAll, describe, expect, it } from "vitest";
import { createEnvironment, testSettings } from "../components/environment";
import { at, type Recorder } from "../components/recorder";

/** Consoles of what speaks TLS: the gateway must know their certificates. */
describe("the consoles of MinIO, Vault and Neo4j", () => {
  let made: Recorder;
  let outputs: Partial<Record<string, unknown>>;
  beforeAll(async () => {
    ({ made, outputs } = await createEnvironment(
      testSettings(
        "dev",
        {
          postgres: { enabled: true },
          neo4j: { enabled: true, browser: { host: "graph" }, boltHost: "bolt", gatewayPort: 7687 },
        },
        {
          gateway: { enabled: true },
          certificates: { enabled: true },
          identity: { enabled: true, host: "auth" },
          objects: { kind: "minio", minio: { console: { host: "objects", groups: ["storage"] } } },
          secrets: { vault: { enabled: true, replicas: 1, console: { host: "vault" } } },
        },
      ),
    ));
  }, 60_000);

  it.each([
    ["minio", "storage", "minio-console-tls", "minio.storage.svc", "internal-ca"],
    ["vault", "vault", "vault-active-tls", "vault-active.vault.svc", "vault-ca"],
    ["neo4j", "graph", "neo4j-https-tls", "neo4j.graph.svc", "internal-ca"],
  ])("%s is behind sign-in, and spoken TLS with", (name, namespace, policy, hostname, configMap) => {
    expect(at(made.one("HTTPRoute", name).inputs, "metadata", "namespace")).toBe(namespace);
    expect(at(made.one("SecurityPolicy", name).inputs, "spec", "oidc", "clientID")).toBe(name);
    const tls = made.one("BackendTLSPolicy", policy).inputs;
    expect(at(tls, "metadata", "namespace")).toBe(namespace);
    expect(at(tls, "spec", "validation")).toMatchObject({ hostname, caCertificateRefs: [{ name: configMap }] });
    const authority = made
      .kind("ConfigMap")
      .filter(({ inputs }) => at(inputs, "metadata", "name") === configMap)
      .filter(({ inputs }) => at(inputs, "metadata", "namespace") === namespace);
    expect(authority).toHaveLength(1);
    expect(at(authority[0]!.inputs, "data", "ca.crt")).toMatch(/certificate of/);
  });

  it("lets in the groups of the settings", () => {
    expect(JSON.stringify(made.one("SecurityPolicy", "minio").inputs)).toContain('"values":["storage"]');
  });

  it("gives uploads the time that they take", () => {
    const timeouts = (name: string) =>
      at(made.one("HTTPRoute", name).inputs, "spec", "rules", 0, "timeouts", "request");
    expect([timeouts("minio"), timeouts("vault")]).toEqual(["0s", "60s"]);
  });

  it("opens the way from the gateway to each page's own port", () => {
    const ports = made
      .kind("NetworkPolicy")
      .filter(({ inputs }) => at(inputs, "metadata", "namespace") === "gateway")
      .map(({ inputs }) => String(at(inputs, "metadata", "name")));
    expect(ports).toEqual(
      expect.arrayContaining([
        "gateway-to-minio-9001-egress",
        "gateway-to-vault-8200-egress",
        "gateway-to-neo4j-7473-egress",
        "gateway-to-neo4j-7687-egress",
      ]),
    );
  });

  it("speaks TLS with Bolt for web pages, and passes on what drivers say", () => {
    expect(at(made.one("HTTPRoute", "neo4j-bolt").inputs, "spec", "rules", 0, "backendRefs", 0)).toMatchObject({
      name: "neo4j-websocket",
      port: 443,
    });
    expect(at(made.one("TCPRoute", "neo4j").inputs, "spec", "rules", 0, "backendRefs", 0)).toMatchObject({
      name: "neo4j",
      port: 7687,
    });
    const targets = made
      .kind("BackendTLSPolicy")
      .flatMap(({ inputs }) => at(inputs, "spec", "targetRefs") as { name: string; sectionName?: string }[]);
    // A policy for all ports of the Service, or for Bolt's, would speak TLS inside the driver's.
    expect(targets.filter(({ name }) => name === "neo4j").map(({ sectionName }) => sectionName)).toEqual(["https"]);
    expect(outputs["neo4j"]).toMatchObject({ url: "https://bolt.test.example.com/" });
  });
});
