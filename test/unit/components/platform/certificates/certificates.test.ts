import { describe, expect, it } from "vitest";
import type { AcmeArgs } from "../../../../../components/platform/certificates";
import { definitionCheck } from "../../definitions";
import { at, type Recorder } from "../../recorder";
import { shared } from "../../shared";
import { certificates, knownSecrets, namespaces, owner } from "./support";

const args = { namespace: "gateway", owner, dnsNames: ["demo.orrery.dev", "*.demo.orrery.dev"] };
const account = { issuer: "letsencrypt", email: "ops@orrery.dev" } as const;
const acme: Record<string, () => AcmeArgs> = {
  cloudflare: () => ({
    ...account,
    challenge: { kind: "dns01", provider: "cloudflare", zone: "orrery.dev", secrets: knownSecrets() },
  }),
  hetzner: () => ({
    ...account,
    challenge: { kind: "dns01", provider: "hetzner", zone: "orrery.dev", secrets: knownSecrets() },
  }),
  http01: () => ({
    ...account,
    challenge: {
      kind: "http01",
      namespace: "gateway",
      through: { via: "gateway", gateway: "gateway", namespace: "gateway", listener: "http" },
    },
  }),
};

const waits = (made: Recorder, name: string) =>
  at(made.one("Certificate", name).inputs, "metadata", "annotations", "pulumi.com/waitFor");
const issuerOf = (made: Recorder, name: string) =>
  at(made.one("Certificate", name).inputs, "spec", "issuerRef", "name");
const policies = (made: Recorder) =>
  [...made.kind("CiliumNetworkPolicy"), ...made.kind("NetworkPolicy")].map(({ inputs }) =>
    String(at(inputs, "metadata", "name")),
  );

describe("the internal authority", () => {
  it("signs with its first key, and all are trusted", async () => {
    const made = await certificates({ generations: [2, 1] }, (system) => {
      system.internal("tls", args);
      system.trust("gateway");
    });
    expect(issuerOf(made, "tls")).toBe("internal-2");
    expect(at(made.one("ClusterIssuer", "internal-2").inputs, "spec")).toEqual({ ca: { secretName: "internal-2" } });
    expect(at(made.one("ConfigMap", "internal-ca").inputs, "data")).toEqual({
      "ca.crt": "certificate of internal-ca-2certificate of internal-ca-1",
    });
    expect(made.kind("ClusterIssuer")).toHaveLength(1);
  });

  it("keeps its key to itself: in one Secret, and secret in the state", async () => {
    const made = await certificates();
    const secret = made.one("Secret", "internal-1");
    expect(secret.inputs["stringData"]).toEqual({
      "tls.crt": "certificate of internal-ca-1",
      "tls.key": "key of internal-ca-1",
      "ca.crt": "certificate of internal-ca-1",
    });
    expect(at(secret.inputs, "metadata", "namespace")).toBe("cert-manager");
    expect(secret.secrets.some((path) => "stringData.tls.key".startsWith(path))).toBe(true);
    expect(made.kind("Secret")).toHaveLength(1);
  });

  it("has keys that a TLS client takes", async () => {
    const made = await certificates();
    const key = made.resources.find(({ type }) => type === "tls:index/privateKey:PrivateKey")!;
    expect(key.inputs).toMatchObject({ algorithm: "ECDSA", ecdsaCurve: "P256" });
  });

  it("is trusted once in each namespace, after the namespace is there", async () => {
    const made = await certificates({}, (system) => {
      expect(system.trust("db").configMap).toBe("internal-ca");
      expect(system.trust("db").ready).toBe(system.trust("db").ready);
      system.trust("apps");
    });
    expect(made.kind("ConfigMap").map(({ inputs }) => at(inputs, "metadata", "namespace"))).toEqual(["db", "apps"]);
    const map = made.kind("ConfigMap")[0]!;
    expect(map.dependencies.some((urn) => urn.includes("Namespace::db"))).toBe(true);
  });
});

describe("certificates", () => {
  it("come from the internal authority where nothing else is said", async () => {
    const made = await certificates({}, (system) => {
      const handle = system.public("wildcard", { ...args, secretName: "wildcard-tls" });
      expect(handle).toMatchObject({ secretName: "wildcard-tls", namespace: "gateway" });
    });
    expect(issuerOf(made, "wildcard")).toBe("internal-1");
    expect(waits(made, "wildcard")).toBe("condition=Ready");
    expect(
      made
        .kind("CiliumNetworkPolicy")
        .some(({ inputs }) => at(inputs, "spec", "egress", 0, "toEntities", 0) === "world"),
    ).toBe(false);
  });

  it.each([
    ["cloudflare", "condition=Ready"],
    ["hetzner", "condition=Ready"],
    // The gateway answers the challenge, and waits for its certificates.
    ["http01", undefined],
  ])("of %s: public ones wait for %s, internal ones always", async (kind, wait) => {
    const made = await certificates({ acme: acme[kind]!() }, (system) => {
      system.public("public", args);
      system.internal("internal", args);
    });
    expect([issuerOf(made, "public"), issuerOf(made, "internal")]).toEqual(["letsencrypt", "internal-1"]);
    expect(waits(made, "public")).toBe(wait);
    expect(waits(made, "internal")).toBe("condition=Ready");
  });

  it("are refused with every wrong name at once", async () => {
    await expect(
      certificates({}, (system) => {
        system.internal("bad", { ...args, dnsNames: ["A.dev", "b_.dev"] });
      }),
    ).rejects.toThrow(/Certificate "bad":[\s\S]*"A\.dev"[\s\S]*"b_\.dev"/);
  });

  it("belong to who asked for them", async () => {
    const made = await certificates({}, (system) => {
      system.internal("tls", args);
    });
    expect(at(made.one("Certificate", "tls").inputs, "metadata", "labels", "app.kubernetes.io/name")).toBe("gateway");
    expect(at(made.one("Certificate", "tls").inputs, "spec", "secretTemplate", "labels", "orrery.dev/owner")).toBe(
      "gateway",
    );
  });
});

describe("challenges", () => {
  it("by Cloudflare have the token in cert-manager's namespace, secret", async () => {
    const made = await certificates({ acme: acme["cloudflare"]!() });
    const secret = made.one("Secret", "dns-api-token");
    expect(at(secret.inputs, "metadata", "namespace")).toBe("cert-manager");
    expect(secret.secrets.length).toBeGreaterThan(0);
    expect(
      at(made.one("ClusterIssuer", "letsencrypt").inputs, "spec", "acme", "solvers", 0, "dns01", "cloudflare"),
    ).toEqual({
      apiTokenSecretRef: { name: "dns-api-token", key: "token" },
    });
    expect(made.kind("APIService")).toHaveLength(0);
  });

  it("by Hetzner have a solver that the API server trusts and only cert-manager may call", async () => {
    const made = await certificates({ acme: acme["hetzner"]!() });
    const name = "cert-manager-webhook-hetzner";
    const api = made.one("APIService", "v1alpha1.acme.hetzner.com");
    expect(api.inputs["spec"]).toMatchObject({
      service: { name, namespace: "cert-manager", port: 8443 },
      caBundle: Buffer.from("certificate of internal-ca-1").toString("base64"),
    });
    expect(at(made.one("Certificate", `${name}-tls`).inputs, "spec", "dnsNames")).toEqual([`${name}.cert-manager.svc`]);
    expect(at(made.one("ClusterRole", `${name}:caller`).inputs, "rules")).toEqual([
      { apiGroups: ["acme.hetzner.com"], resources: ["hetzner"], verbs: ["create"] },
    ]);
    expect(at(made.one("ClusterRoleBinding", `${name}:caller`).inputs, "subjects")).toEqual([
      { kind: "ServiceAccount", name: "cert-manager", namespace: "cert-manager" },
    ]);
    // The token is a file: nobody but the kubelet reads the Secret.
    const mount = at(made.one("Deployment", name).inputs, "spec", "template", "spec", "volumes") as {
      secret?: object;
    }[];
    expect(mount.map(({ secret }) => secret)).toContainEqual({
      secretName: "dns-api-token",
      items: [{ key: "token", path: "token" }],
    });
    expect(
      at(made.one("ClusterIssuer", "letsencrypt").inputs, "spec", "acme", "solvers", 0, "dns01", "webhook"),
    ).toEqual({
      groupName: "acme.hetzner.com",
      solverName: "hetzner",
      config: { tokenFilePath: "/var/run/secrets/hetzner/token" },
    });
  });

  it("by Hetzner: the API server reaches the solver, and the solver Hetzner", async () => {
    const made = await certificates({ acme: acme["hetzner"]!() });
    const spec = (policy: string) => at(made.one("CiliumNetworkPolicy", policy).inputs, "spec");
    expect(at(spec("cert-manager-webhook-hetzner-api-server"), "ingress", 0, "toPorts", 0, "ports")).toEqual([
      { port: "8443", protocol: "TCP" },
    ]);
    expect(at(spec("cert-manager-webhook-hetzner-world"), "egress", 0, "toPorts", 0, "ports")).toEqual([
      { port: "443", protocol: "TCP" },
    ]);
  });

  it("by a page: the gateway reaches the pods that serve it, and cert-manager watches the Gateway API", async () => {
    const made = await certificates({ acme: acme["http01"]!() });
    const solver = { "acme.cert-manager.io/http01-solver": "true" };
    const ingress = made.one("NetworkPolicy", "gateway-to-acme-solver-http-ingress").inputs;
    expect(at(ingress, "spec", "podSelector", "matchLabels")).toEqual(solver);
    expect(at(ingress, "spec", "ingress", 0, "ports")).toEqual([{ port: 8089, protocol: "TCP" }]);
    expect(at(made.releases()[0]!.inputs, "values", "config", "enableGatewayAPI")).toBe(true);
  });

  it.each(["cloudflare", "hetzner"])("by %s: cert-manager does not watch the Gateway API", async (kind) => {
    const made = await certificates({ acme: acme[kind]!() });
    expect(at(made.releases()[0]!.inputs, "values", "config")).toBeUndefined();
  });

  it("open the way to the authority and to name servers, for the controller alone", async () => {
    const made = await certificates({ acme: acme["cloudflare"]!() });
    const world = made.one("CiliumNetworkPolicy", "cert-manager-controller-world").inputs;
    expect(at(world, "spec", "endpointSelector", "matchLabels", "app.kubernetes.io/component")).toBe("controller");
    expect(at(world, "spec", "egress", 0, "toPorts", 0, "ports")).toEqual([
      { port: "443", protocol: "TCP" },
      { port: "80", protocol: "TCP" },
      { port: "53", protocol: "TCP" },
      { port: "53", protocol: "UDP" },
    ]);
  });
});

describe("cert-manager", () => {
  it("is released after its network policies", async () => {
    const made = await certificates();
    const release = made.component("orrery:kit:Chart", "cert-manager");
    const ready = policies(made).filter((name) => name.startsWith("cert-manager"));
    expect(ready.sort()).toEqual(["cert-manager-api-server", "cert-manager-webhook-api-server"]);
    for (const name of ready) {
      const policy = made.one("CiliumNetworkPolicy", name);
      expect(release.dependencies).toContain(policy.urn);
    }
  });

  it("runs twice in prod, with budgets and apart from each other", async () => {
    const values = async (environment: "dev" | "prod") =>
      at((await certificates({}, undefined, environment)).releases()[0]!.inputs, "values") as object;
    expect(await values("dev")).toMatchObject({
      replicaCount: 1,
      webhook: { podDisruptionBudget: { enabled: false } },
    });
    const several = { replicaCount: 2, podDisruptionBudget: { enabled: true } };
    const prod = await values("prod");
    expect(prod).toMatchObject({ ...several, webhook: several, cainjector: several });
    expect(at(prod, "webhook", "topologySpreadConstraints", 0, "labelSelector", "matchLabels")).toEqual({
      "app.kubernetes.io/name": "webhook",
      "app.kubernetes.io/instance": "cert-manager",
      "app.kubernetes.io/component": "webhook",
    });
  });

  it("makes its namespace once, and uses that of others only when they ask", async () => {
    const made = await certificates({ namespaces: namespaces("dev") });
    expect(made.kind("Namespace").map(({ inputs }) => at(inputs, "metadata", "name"))).toEqual(["cert-manager"]);
  });
});

const folder = shared("crds", "certificates and issuers against the CustomResourceDefinitions");

it.skipIf(folder === undefined).each(Object.keys(acme))(
  "%s: certificates and issuers meet their definitions",
  async (kind) => {
    const made = await certificates({ acme: acme[kind]!() }, (system) => {
      system.public("public", args);
      system.internal("internal", args);
    });
    for (const [of, definition] of [
      ["Certificate", "certificates.cert-manager.io"],
      ["ClusterIssuer", "clusterissuers.cert-manager.io"],
      ["CiliumNetworkPolicy", "ciliumnetworkpolicies.cilium.io"],
    ] as const) {
      const check = definitionCheck(folder!, definition);
      expect(made.kind(of).length).toBeGreaterThan(0);
      for (const { inputs } of made.kind(of)) {
        check(inputs);
        expect(check.errors ?? []).toEqual([]);
      }
    }
  },
);
