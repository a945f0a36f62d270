import { describe, expect, it } from "vitest";
import { Namespaces } from "../../../../../components/kit/namespace";
import { ExternalSecrets, OnePasswordConnect, StoreSecrets, Vault } from "../../../../../components/platform/secrets";
import { sessionOf } from "../../../../../components/platform/secrets/onepassword";
import { vaultConfig, vaultDnsNames } from "../../../../../components/platform/secrets/vault-values";
import { at, type Recorder, record } from "../../recorder";

const owner = { name: "external-dns", instance: "external-dns", component: "controller", domain: "dns" };
const request = { secretName: "token", namespace: "dns", owner, keys: { token: "dns-api-token" } };
const charts = {};

function operator(): ExternalSecrets {
  const namespace = new Namespaces({ environment: "prod" }, {}).get("external-secrets");
  return new ExternalSecrets("external-secrets", { charts, namespace });
}

function vault(): Vault {
  const namespace = new Namespaces({ environment: "prod" }, {}).get("vault");
  return new Vault("vault", {
    charts,
    namespace,
    replicas: 3,
    storageGiB: 10,
    auditStorageGiB: 20,
    storageClass: "hcloud-volumes",
    size: "small",
  });
}

const outside = {
  kind: "vault",
  address: "https://vault.example.com",
  path: "orrery",
  mount: "k8s",
  role: "eso",
} as const;

function provider(made: Recorder): unknown {
  return at(made.one("ClusterSecretStore", "secrets").inputs, "spec", "provider");
}

describe("a store outside the program", () => {
  it("is asked with the operator's own account, and waited for", async () => {
    const made = await record(() => new StoreSecrets("secrets", { operator: operator(), store: outside }));
    expect(provider(made)).toEqual({
      vault: {
        server: "https://vault.example.com",
        path: "orrery",
        version: "v2",
        auth: {
          kubernetes: {
            mountPath: "k8s",
            role: "eso",
            serviceAccountRef: { name: "external-secrets", namespace: "external-secrets" },
          },
        },
      },
    });
    const store = made.one("ClusterSecretStore", "secrets");
    expect(at(store.inputs, "metadata", "annotations", "pulumi.com/waitFor")).toBe("condition=Ready");
  });

  it("with an authority of its own is checked against that", async () => {
    const store = { ...outside, caPem: "PEM" };
    const made = await record(() => new StoreSecrets("secrets", { operator: operator(), store }));
    expect(at(provider(made), "vault", "caBundle")).toBe(Buffer.from("PEM").toString("base64"));
  });

  it("gives each secret as an ExternalSecret that is waited for, after the store", async () => {
    const made = await record(() => {
      const source = new StoreSecrets("secrets", { operator: operator(), store: outside });
      source.secret("dns-token", { ...request, plain: { zone: "example.com" } });
    });
    const secret = made.one("ExternalSecret", "token");
    expect(at(secret.inputs, "metadata", "annotations", "pulumi.com/waitFor")).toBe("condition=Ready");
    expect(secret.inputs["spec"]).toMatchObject({
      secretStoreRef: { kind: "ClusterSecretStore", name: "secrets" },
      target: { name: "token", template: { type: "Opaque", mergePolicy: "Merge", data: { zone: "example.com" } } },
      data: [{ secretKey: "token", remoteRef: { key: "dns-api-token", property: "value" } }],
    });
    expect(secret.dependencies).toContain(made.one("ClusterSecretStore", "secrets").urn);
    expect(made.kind("Secret")).toEqual([]);
  });
});

describe("1Password", () => {
  const create = () => {
    const eso = operator();
    const connect = new OnePasswordConnect("connect", { charts, operator: eso, credentials: "{}", token: "sesame" });
    const store = {
      kind: "onepassword",
      host: connect.host,
      vault: "orrery",
      field: "password",
      token: connect.token,
    } as const;
    new StoreSecrets("secrets", { operator: eso, store }).secret("dns-token", request);
  };

  it("is reached through Connect, which alone leaves the cluster", async () => {
    const made = await record(create);
    expect(provider(made)).toEqual({
      onepassword: {
        connectHost: "http://connect.external-secrets.svc:8080",
        vaults: { orrery: 1 },
        auth: {
          secretRef: {
            connectTokenSecretRef: { name: "connect-token", namespace: "external-secrets", key: "token" },
          },
        },
      },
    });
    const outward = made.kind("CiliumNetworkPolicy").filter(({ name }) => name.endsWith("-world"));
    expect(outward.map(({ inputs }) => at(inputs, "spec", "endpointSelector", "matchLabels", "app"))).toEqual([
      "connect",
    ]);
    expect(at(made.one("ExternalSecret", "token").inputs, "spec", "data", 0, "remoteRef", "property")).toBe("password");
  });

  it("keeps what opens it secret", async () => {
    const made = await record(create);
    for (const name of ["connect-credentials", "connect-token"]) {
      expect(made.one("Secret", name).secrets.some((path) => path.startsWith("stringData"))).toBe(true);
    }
    expect(at(made.one("Secret", "connect-token").inputs, "stringData", "token")).toBe("sesame");
    expect(JSON.stringify(made.releases().map(({ inputs }) => inputs))).not.toContain("sesame");
  });

  it.each([
    ['{"a":1}', Buffer.from('{"a":1}').toString("base64")],
    ["eyJhIjoxfQ==\n", "eyJhIjoxfQ=="],
  ])("credentials %j are given as base64 once", (credentials, session) => {
    expect(sessionOf(credentials)).toBe(session);
  });
});

describe("Vault", () => {
  it("speaks TLS with a certificate that it names, and nothing of it is in the chart's values", async () => {
    const made = await record(vault);
    expect(made.kind("Secret").map(({ name }) => name)).toEqual(["vault-tls"]);
    const values = JSON.stringify(made.releases().map(({ inputs }) => inputs["values"]));
    expect(values).toContain('tls_cert_file = \\"/vault/userconfig/tls/tls.crt\\"');
    expect(values).not.toContain("tls_disable = ");
    expect(values).toContain('"secretName":"vault-tls"');
    const keys = made.resources.filter(({ type }) => type === "tls:index/privateKey:PrivateKey");
    expect(keys).toHaveLength(2);
  });

  it("has claims of the sizes asked for, made before the chart, whose own templates never change", async () => {
    const made = await record(vault);
    const claims = made.kind("PersistentVolumeClaim");
    expect(
      claims.map(({ name, inputs }) => [name, at(inputs, "spec", "resources", "requests", "storage")]).sort(),
    ).toEqual([
      ["audit-vault-0", "20Gi"],
      ["audit-vault-1", "20Gi"],
      ["audit-vault-2", "20Gi"],
      ["data-vault-0", "10Gi"],
      ["data-vault-1", "10Gi"],
      ["data-vault-2", "10Gi"],
    ]);
    const chart = made.component("orrery:kit:Chart", "vault");
    expect(chart.dependencies).toEqual(expect.arrayContaining(claims.map(({ urn }) => urn)));
    const [release] = made.releases();
    expect(JSON.stringify(release?.inputs["values"])).not.toContain("20Gi");
  });

  it("is installed after its certificate", async () => {
    const made = await record(vault);
    const chart = made.component("orrery:kit:Chart", "vault");
    expect(chart.dependencies).toContain(made.one("Secret", "vault-tls").urn);
  });

  it("talks to its peers and the API server, and to nobody else until somebody asks", async () => {
    const made = await record(vault);
    expect(
      made
        .kind("NetworkPolicy")
        .map(({ name }) => name)
        .filter((name) => name.startsWith("vault-")),
    ).toEqual(expect.arrayContaining(["vault-peers", "vault-default-deny", "vault-allow-dns"]));
    const opened = await record(() => {
      const server = vault();
      const eso = operator();
      server.open({ identity: eso.identity, pods: eso.pods, namespace: eso.namespace }, eso);
    });
    const ingress = opened.one("NetworkPolicy", "external-secrets-to-vault-https-ingress");
    expect(at(ingress.inputs, "spec", "ingress", 0, "ports", 0, "port")).toBe(8200);
  });

  it("has a name in its certificate for every way to reach it, its peers' included", () => {
    const names = vaultDnsNames("vault", "vault");
    expect(names).toEqual(expect.arrayContaining(["vault-active.vault.svc", "*.vault-internal", "localhost"]));
    expect(new Set(names).size).toBe(names.length);
  });

  it("lets each server join every other one", () => {
    const config = vaultConfig("vault", 3);
    for (const index of [0, 1, 2]) expect(config).toContain(`"https://vault-${index}.vault-internal:8200"`);
    expect(config.match(/retry_join/g)).toHaveLength(3);
    expect(config).not.toContain("tls_disable");
  });
});

describe("the operator", () => {
  it("may reach the API server in all its parts, and is called by it where its webhook is", async () => {
    const made = await record(operator);
    const opened = made
      .kind("CiliumNetworkPolicy")
      .map(({ inputs }) => [
        at(inputs, "spec", "endpointSelector", "matchLabels", "app.kubernetes.io/name"),
        at(inputs, "spec", "egress", 0, "toEntities"),
        at(inputs, "spec", "ingress", 0, "toPorts", 0, "ports", 0, "port"),
      ]);
    expect(new Set(opened.map(String))).toEqual(
      new Set([
        "external-secrets,kube-apiserver,",
        "external-secrets-webhook,kube-apiserver,10250",
        "external-secrets-cert-controller,kube-apiserver,",
      ]),
    );
  });
});
