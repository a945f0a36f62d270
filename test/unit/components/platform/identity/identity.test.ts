import { describe, expect, it } from "vitest";
import type { OidcClient } from "../../../../../components/kit/sign-in";
import { at, type Recorder } from "../../recorder";
import { create, grafana } from "./providers";

const kinds = ["keycloak", "authentik"] as const;
const port = { keycloak: 8080, authentik: 9000 };

const container = (made: Recorder, kind: string, name: string) =>
  at(made.one(kind, name).inputs, "spec", "template", "spec", "containers", 0);

const environmentOf = (made: Recorder, kind: string, name: string) =>
  Object.fromEntries(
    (at(container(made, kind, name), "env") as { name: string; value?: string; valueFrom?: unknown }[]).map((each) => [
      each.name,
      each.value ?? each.valueFrom,
    ]),
  );

describe.each(kinds)("%s", (kind) => {
  it("is reached by people at its host, and by nobody else", async () => {
    const { made, routes } = await create(kind);
    expect(routes[kind]).toMatchObject({
      host: "auth.example.com",
      backend: { service: kind, port: port[kind], namespace: { name: "auth" } },
    });
    expect(routes[kind]!.signIn).toBeUndefined();
    const ingress = made
      .kind("NetworkPolicy")
      .filter(
        ({ inputs }) => at(inputs, "metadata", "namespace") === "auth" && at(inputs, "spec", "ingress") !== undefined,
      )
      .map(({ inputs }) => String(at(inputs, "metadata", "name")));
    expect(ingress.sort()).toEqual(
      kind === "keycloak" ? ["keycloak-peers", "keycloak-setup-to-keycloak-http-ingress"] : [],
    );
  });

  it("keeps its data in a database of its own, and the way there is open", async () => {
    const { made } = await create(kind);
    const from = kind === "keycloak" ? "keycloak" : "authentik";
    expect(made.one("Database", `postgres-${kind}`)).toBeDefined();
    const egress = made.one("NetworkPolicy", `${from}-to-postgres-postgres-egress`);
    expect(at(egress.inputs, "metadata", "namespace")).toBe("auth");
  });

  it("has its passwords in Secrets alone", async () => {
    const { made } = await create(kind, grafana);
    const secrets = made.kind("Secret").filter(({ inputs }) => at(inputs, "metadata", "namespace") === "auth");
    for (const secret of secrets) {
      expect(
        secret.secrets.some((path) => path.startsWith("stringData")),
        secret.name,
      ).toBe(true);
    }
    const others = made.objects().filter(({ type }) => !type.endsWith(":Secret"));
    // Passwords of the recorder are called made-up-<name>.
    expect(JSON.stringify(others.map(({ inputs }) => inputs))).not.toContain("made-up-");
  });

  it("makes a client: Secret at the consumer and at the Job, the same in both", async () => {
    const { made } = await create(kind, grafana);
    const copies = made
      .kind("Secret")
      .filter(({ inputs }) => at(inputs, "metadata", "name") === `${kind}-grafana-oidc`);
    expect(copies.map(({ inputs }) => at(inputs, "metadata", "namespace")).sort()).toEqual(["auth", "observability"]);
    expect(copies[0]!.inputs["stringData"]).toEqual(copies[1]!.inputs["stringData"]);
    expect(Object.keys(copies[0]!.inputs["stringData"]!)).toEqual(["client-id", "client-secret"]);
    expect(at(copies[0]!.inputs, "stringData", "client-id")).toBe("grafana");
  });

  it("makes the client inside the provider by a Job that runs again when the client changes", async () => {
    const uris = async (redirectUri: string) => {
      const { made } = await create(kind, (provider, namespaces) => {
        grafana(
          {
            issuer: provider.issuer,
            client: (name, args) => provider.client(name, { ...args, redirectUris: [redirectUri] }),
          },
          namespaces,
        );
      });
      const job = made.one("Job", `${kind}-grafana`);
      const config = JSON.stringify(made.one("ConfigMap", `${kind}-grafana`).inputs["data"]);
      expect(config).toContain(redirectUri);
      expect(config).not.toContain("made-up-");
      return at(job.inputs, "spec", "template", "metadata", "annotations", "orrery.dev/config-hash");
    };
    const [first, same, other] = [
      await uris("https://a.example.com/x"),
      await uris("https://a.example.com/x"),
      await uris("https://b.example.com/x"),
    ];
    expect(first).toBe(same);
    expect(first).not.toBe(other);
  });

  it("opens one path for a consumer with two clients", async () => {
    let clients: OidcClient[] = [];
    const { made } = await create(kind, (provider, namespaces) => {
      const twice: typeof provider = {
        issuer: provider.issuer,
        client: (name, args) => {
          clients = [provider.client(name, args), provider.client(`${name}-two`, args)];
          return clients[0]!;
        },
      };
      grafana(twice, namespaces);
    });
    const paths = made
      .kind("NetworkPolicy")
      .filter(({ inputs }) => String(at(inputs, "metadata", "name")) === `grafana-to-${kind}-oidc-ingress`);
    expect(paths).toHaveLength(1);
    expect(at(paths[0]!.inputs, "spec", "ingress", 0, "ports", 0, "port")).toBe(port[kind]);
    expect(clients.map(({ secretName }) => secretName)).toEqual([`${kind}-grafana-oidc`, `${kind}-grafana-two-oidc`]);
  });

  it("tells the client where to go: outside for browsers, inside for tokens", async () => {
    let client: OidcClient | undefined;
    await create(kind, (provider, namespaces) => {
      grafana({ issuer: provider.issuer, client: (name, args) => (client = provider.client(name, args)) }, namespaces);
    });
    const inside = `http://${kind}.auth.svc:${port[kind]}`;
    expect(client).toMatchObject(
      kind === "keycloak"
        ? {
            issuer: "https://auth.example.com/realms/orrery",
            internalUrl: `${inside}/realms/orrery`,
            endpoints: {
              authorization: "https://auth.example.com/realms/orrery/protocol/openid-connect/auth",
              token: `${inside}/realms/orrery/protocol/openid-connect/token`,
              keys: `${inside}/realms/orrery/protocol/openid-connect/certs`,
            },
          }
        : {
            issuer: "https://auth.example.com/application/o/grafana/",
            internalUrl: `${inside}/application/o/grafana/`,
            endpoints: {
              authorization: "https://auth.example.com/application/o/authorize/",
              token: `${inside}/application/o/token/`,
              keys: `${inside}/application/o/grafana/jwks/`,
            },
          },
    );
    expect(client).toMatchObject({
      clientId: "grafana",
      secretName: `${kind}-grafana-oidc`,
      secretNamespace: "observability",
    });
  });

  it.each([
    ["Grafana", ["https://a.example.com/x"], "a-z"],
    ["grafana", [], "no redirect URI"],
    ["grafana", ["http://a.example.com/x"], "must be https"],
    ["grafana", ["https://a.example.com/*"], "must be https, without *"],
  ])("refuses the client %s with %j", async (name, redirectUris, message) => {
    await create(kind, (provider, namespaces) => {
      grafana(
        {
          issuer: provider.issuer,
          client: (_, args) => {
            expect(() => provider.client(name, { ...args, redirectUris })).toThrow(message);
            return {} as OidcClient;
          },
        },
        namespaces,
      );
    });
  });
});

describe("Keycloak", () => {
  it("knows its name outside, and trusts the gateway's headers", async () => {
    const { made } = await create("keycloak");
    expect(environmentOf(made, "Deployment", "keycloak")).toMatchObject({
      KC_HOSTNAME: "https://auth.example.com",
      KC_HOSTNAME_BACKCHANNEL_DYNAMIC: "true",
      KC_PROXY_HEADERS: "xforwarded",
      KC_DB_URL: "jdbc:postgresql://postgres-rw.db.svc:5432/keycloak?sslmode=require",
      KC_DB_PASSWORD: { secretKeyRef: { name: "postgres-keycloak", key: "password" } },
      KC_BOOTSTRAP_ADMIN_PASSWORD: { secretKeyRef: { name: "keycloak-admin", key: "password" } },
    });
    expect(at(container(made, "Deployment", "keycloak"), "args")).toEqual(["start"]);
  });

  it("lets its servers talk to each other when there are several", async () => {
    const ports = async (replicas: number) =>
      (await create("keycloak", undefined, replicas)).made
        .kind("NetworkPolicy")
        .filter(({ inputs }) => at(inputs, "metadata", "name") === "keycloak-peers")
        .map(({ inputs }) => (at(inputs, "spec", "ingress", 0, "ports") as { port: number }[]).map(({ port }) => port));
    expect(await ports(2)).toEqual([[7800, 57800]]);
    expect(await ports(1)).toEqual([]);
  });

  it("has a realm before any client", async () => {
    const { made } = await create("keycloak", grafana);
    const client = made.component("orrery:platform:KeycloakClient", "keycloak-grafana");
    expect(client.dependencies).toContain(made.one("Job", "keycloak-realm").urn);
  });
});

describe("Authentik", () => {
  it("has a worker beside the server, on the same database with the same key", async () => {
    const { made } = await create("authentik");
    const [server, worker] = [
      environmentOf(made, "Deployment", "authentik"),
      environmentOf(made, "Deployment", "authentik-worker"),
    ];
    expect(server).toEqual(worker);
    expect(server["AUTHENTIK_SECRET_KEY"]).toEqual({ secretKeyRef: { name: "authentik-admin", key: "secret-key" } });
    expect(at(container(made, "Deployment", "authentik-worker"), "args")).toEqual(["worker"]);
  });

  it("gets each client as a blueprint that its Job applies, with the secret from the environment", async () => {
    const { made } = await create("authentik", grafana);
    const job = container(made, "Job", "authentik-grafana");
    expect(at(job, "args")).toEqual(["apply_blueprint", "orrery/grafana.yaml"]);
    expect(environmentOf(made, "Job", "authentik-grafana")["CLIENT_SECRET"]).toEqual({
      secretKeyRef: { name: "authentik-grafana-oidc", key: "client-secret" },
    });
  });
});
