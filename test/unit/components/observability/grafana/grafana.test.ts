import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { AUTHORITY_FILE } from "../../../../../components/kit/authority";
import { Namespaces } from "../../../../../components/kit/namespace";
import type { Gateway, RouteArgs } from "../../../../../components/kit/route";
import type { IdentityProvider, OidcClientArgs } from "../../../../../components/kit/sign-in";
import { Telemetry } from "../../../../../components/kit/telemetry";
import { COLLECTOR } from "../../../../../components/observability/collector/address";
import { type DashboardFile, Grafana, type GrafanaArgs } from "../../../../../components/observability/grafana";
import { at, type Recorder, record } from "../../recorder";
import { fakeStores } from "../stores";

const dashboards: readonly DashboardFile[] = [
  { uid: "cluster", folder: "cluster", json: '{"uid":"cluster"}' },
  { uid: "nodes", folder: "cluster", json: '{"uid":"nodes"}' },
  { uid: "kafka", folder: "data", json: '{"uid":"kafka"}' },
];

interface Facts {
  readonly environment?: "dev" | "prod";
  readonly exposed?: boolean;
  readonly signIn?: boolean;
  readonly database?: "none" | "tls" | "unknown authority";
  readonly viewerGroups?: string[];
  readonly traces?: boolean;
  readonly args?: Partial<GrafanaArgs>;
}

async function create(facts: Facts = {}) {
  const routes: Record<string, RouteArgs> = {};
  const clients: Record<string, OidcClientArgs> = {};
  const databases: string[] = [];
  const telemetry = new Telemetry(facts.traces ? { ...COLLECTOR, cluster: "demo" } : undefined);
  let stores: ReturnType<typeof fakeStores> | undefined;
  let grafana: Grafana | undefined;
  const made = await record(() => {
    stores = fakeStores();
    const ready = new k8s.core.v1.Secret("made", {});
    const gateway: Gateway = {
      domain: "example.com",
      address: pulumi.output("203.0.113.1"),
      pods: { namespace: "gateway", labels: { app: "gateway" }, instance: "gateway" },
      route: (name, args) => {
        routes[name] = args;
        return { url: `https://${args.host}`, ready };
      },
      tcpRoute: () => {
        throw new Error("no TCP here");
      },
    };
    const provider: IdentityProvider = {
      issuer: "https://auth.example.com/realms/orrery",
      client: (name, args) => {
        clients[name] = args;
        return {
          issuer: "https://auth.example.com/realms/orrery",
          endpoints: {
            authorization: "https://auth.example.com/auth",
            token: "http://keycloak.auth.svc:8080/token",
            keys: "http://keycloak.auth.svc:8080/certs",
            logout: "https://auth.example.com/logout",
          },
          clientId: name,
          secretName: "keycloak-grafana-oidc",
          secretNamespace: "observability",
          provider: { namespace: "auth", labels: {}, instance: "keycloak" },
          ready,
        };
      },
    };
    const { metrics, logs, traces } = stores;
    const { viewerGroups = [] } = facts;
    grafana = new Grafana("grafana", {
      namespaces: new Namespaces({ environment: facts.environment ?? "dev", telemetry }, {}),
      dataSources: {
        metrics: { url: metrics.queryUrl, kind: "prometheus", scrapeIntervalSeconds: 30 },
        logs: { url: logs.queryUrl },
        traces: { url: traces.queryUrl },
      },
      stores: [metrics, logs, traces],
      dashboards,
      home: "cluster",
      databases:
        (facts.database ?? "none") === "none"
          ? undefined
          : {
              database: (name) => {
                databases.push(name);
                return {
                  host: "postgres-rw.db.svc",
                  port: 5432,
                  secretName: "postgres-grafana",
                  provider: { namespace: "db", labels: {}, instance: "postgres" },
                  ready,
                  ...(facts.database === "tls" ? { caConfigMap: "internal-ca" } : {}),
                };
              },
            },
      exposed: facts.exposed
        ? {
            host: "grafana.example.com",
            gateway,
            signIn: facts.signIn
              ? { provider, roles: { adminGroups: ["admins"], editorGroups: ["developers"], viewerGroups } }
              : undefined,
          }
        : undefined,
      ...facts.args,
    });
  });
  return { made, grafana: grafana!, routes, clients, databases, telemetry, readers: stores!.readers };
}

const container = (made: Recorder) =>
  at(made.one("Deployment", "grafana").inputs, "spec", "template", "spec", "containers", 0);

function variablesOf(made: Recorder): Record<string, unknown> {
  const list = at(container(made), "env") as { name: string; value?: string; valueFrom?: unknown }[];
  return Object.fromEntries(list.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
}

const fromSecret = (name: string, key: string) => ({ secretKeyRef: { name, key } });

describe("Grafana", () => {
  it("has files for its dashboards, a ConfigMap for each folder, mounted where the providers say", async () => {
    const { made } = await create();
    const data = (name: string) => at(made.one("ConfigMap", name).inputs, "data") as Record<string, string>;
    expect(Object.keys(data("grafana-dashboards-cluster"))).toEqual(["cluster.json", "nodes.json"]);
    expect(data("grafana-dashboards-data")).toEqual({ "kafka.json": '{"uid":"kafka"}' });
    const { providers } = JSON.parse(data("grafana-dashboard-providers")["orrery.yaml"]!) as {
      providers: { folder: string; folderUid: string; options: { path: string } }[];
    };
    expect(providers.map(({ folder, folderUid }) => [folder, folderUid])).toEqual([
      ["Cluster", "cluster"],
      ["Data services", "data"],
    ]);
    const mounts = at(container(made), "volumeMounts") as { name: string; mountPath: string }[];
    const volumes = at(made.one("Deployment", "grafana").inputs, "spec", "template", "spec", "volumes") as {
      name: string;
      configMap?: { name: string };
    }[];
    for (const { folderUid, options } of providers) {
      const mount = mounts.find(({ mountPath }) => mountPath === options.path);
      expect(volumes.find(({ name }) => name === mount?.name)?.configMap?.name).toBe(`grafana-dashboards-${folderUid}`);
    }
    const home = String(variablesOf(made)["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]);
    expect(home).toBe(`${providers[0]?.options.path}/cluster.json`);
  });

  it("begins anew when a data source changes, and not when a dashboard does", async () => {
    const template = async (args: Partial<GrafanaArgs>) => {
      const { made } = await create({ args });
      return JSON.stringify(at(made.one("Deployment", "grafana").inputs, "spec", "template"));
    };
    const before = await template({});
    expect(await template({ dashboards: [{ ...dashboards[0]!, json: "{}" }, ...dashboards.slice(1)] })).toBe(before);
    const dataSources = {
      metrics: { url: "http://mimir/prometheus", kind: "mimir" as const, scrapeIntervalSeconds: 30 },
    };
    expect(await template({ dataSources })).not.toBe(before);
  });

  it("keeps its password and key in a Secret, and says them nowhere else", async () => {
    const { made } = await create({ exposed: true, signIn: true, database: "tls" });
    const secret = made.one("Secret", "grafana-admin");
    const values = Object.values(at(secret.inputs, "stringData") as Record<string, string>);
    expect(values).toHaveLength(2);
    expect(secret.secrets).not.toEqual([]);
    for (const other of made.resources.filter((resource) => resource !== secret && resource.custom)) {
      for (const value of values) expect(JSON.stringify(other.inputs), other.name).not.toContain(value);
    }
    expect(variablesOf(made)).toMatchObject({
      GF_SECURITY_ADMIN_PASSWORD: fromSecret("grafana-admin", "admin-password"),
      GF_SECURITY_SECRET_KEY: fromSecret("grafana-admin", "secret-key"),
      GF_DATABASE_PASSWORD: fromSecret("postgres-grafana", "password"),
      GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET: fromSecret("keycloak-grafana-oidc", "client-secret"),
    });
  });

  it("lets nobody in who does not sign in, makes no accounts by itself, and calls nobody outside", async () => {
    const { made } = await create();
    expect(variablesOf(made)).toMatchObject({
      GF_AUTH_ANONYMOUS_ENABLED: "false",
      GF_USERS_ALLOW_SIGN_UP: "false",
      GF_ANALYTICS_REPORTING_ENABLED: "false",
      GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
      GF_PLUGINS_PREINSTALL_DISABLED: "true",
      GF_UNIFIED_ALERTING_EXECUTE_ALERTS: "false",
    });
    expect(made.kind("CiliumNetworkPolicy")).toEqual([]);
  });

  it("may write to its scratch directories alone, as its own user", async () => {
    const { made } = await create();
    expect(at(container(made), "securityContext", "readOnlyRootFilesystem")).toBe(true);
    const mounts = at(container(made), "volumeMounts") as { mountPath: string; readOnly?: boolean }[];
    expect(mounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath)).toEqual([
      "/var/lib/grafana",
      "/tmp",
    ]);
    expect(at(made.one("Deployment", "grafana").inputs, "spec", "template", "spec", "securityContext")).toMatchObject({
      runAsUser: 472,
      runAsNonRoot: true,
    });
  });

  it("opens a way to each store, and is scraped", async () => {
    const { readers, telemetry } = await create();
    expect(readers).toEqual(["grafana -> prometheus", "grafana -> loki", "grafana -> tempo"]);
    expect(telemetry.scraped.map(({ identity, port }) => [identity.instance, port.port])).toEqual([["grafana", 3000]]);
  });

  it("sends traces of its own where they are taken", async () => {
    const off = await create();
    expect(off.telemetry.tracing).toEqual([]);
    expect(variablesOf(off.made)).not.toHaveProperty("GF_TRACING_OPENTELEMETRY_OTLP_ADDRESS");
    const on = await create({ traces: true });
    expect(on.telemetry.tracing.map(({ identity }) => identity.instance)).toEqual(["grafana"]);
    expect(variablesOf(on.made)["GF_TRACING_OPENTELEMETRY_OTLP_ADDRESS"]).toBe("otel-collector.observability.svc:4317");
  });

  it("alone keeps its state on a directory of its own; several share a database over TLS", async () => {
    const one = await create();
    expect(one.databases).toEqual([]);
    expect(variablesOf(one.made)).not.toHaveProperty("GF_DATABASE_TYPE");
    expect(one.made.kind("PodDisruptionBudget")).toEqual([]);
    const two = await create({ environment: "prod", database: "tls", args: { replicas: 2 } });
    expect(two.databases).toEqual(["grafana"]);
    expect(variablesOf(two.made)).toMatchObject({
      GF_DATABASE_TYPE: "postgres",
      GF_DATABASE_HOST: "postgres-rw.db.svc:5432",
      GF_DATABASE_SSL_MODE: "verify-full",
      GF_DATABASE_CA_CERT_PATH: AUTHORITY_FILE,
    });
    expect(at(two.made.one("Deployment", "grafana").inputs, "spec", "replicas")).toBe(2);
    expect(two.made.kind("PodDisruptionBudget")).toHaveLength(1);
    const unknown = await create({ database: "unknown authority" });
    expect(variablesOf(unknown.made)["GF_DATABASE_SSL_MODE"]).toBe("require");
    expect(variablesOf(unknown.made)).not.toHaveProperty("GF_DATABASE_CA_CERT_PATH");
  });
});

describe("the way in to Grafana", () => {
  it("is there where it is asked for, and answers may take their time", async () => {
    const { routes, grafana, made, clients } = await create({ exposed: true });
    expect(grafana.url).toBe("https://grafana.example.com");
    expect(routes["grafana"]).toMatchObject({
      host: "grafana.example.com",
      timeoutSeconds: 0,
      backend: { port: 3000 },
    });
    expect(routes["grafana"]?.signIn).toBeUndefined();
    expect(variablesOf(made)).toMatchObject({
      GF_SERVER_ROOT_URL: "https://grafana.example.com/",
      GF_SECURITY_COOKIE_SECURE: "true",
    });
    expect(clients).toEqual({});
    expect(variablesOf(made)).not.toHaveProperty("GF_AUTH_GENERIC_OAUTH_ENABLED");
    expect((await create()).grafana.url).toBeUndefined();
  });

  it("leads through the identity provider, and out of it again", async () => {
    const { made, clients } = await create({ exposed: true, signIn: true });
    expect(clients["grafana"]?.redirectUris).toEqual([
      "https://grafana.example.com/login/generic_oauth",
      "https://grafana.example.com/login",
    ]);
    expect(clients["grafana"]?.consumer.pods).toMatchObject({ namespace: "observability", instance: "grafana" });
    expect(variablesOf(made)).toMatchObject({
      GF_AUTH_GENERIC_OAUTH_ENABLED: "true",
      GF_AUTH_GENERIC_OAUTH_AUTH_URL: "https://auth.example.com/auth",
      GF_AUTH_GENERIC_OAUTH_TOKEN_URL: "http://keycloak.auth.svc:8080/token",
      GF_AUTH_GENERIC_OAUTH_USE_PKCE: "true",
      GF_AUTH_GENERIC_OAUTH_ROLE_ATTRIBUTE_PATH:
        "(contains(groups[*], 'admins')) && 'GrafanaAdmin' || (contains(groups[*], 'developers')) && 'Editor' || 'Viewer'",
      GF_AUTH_GENERIC_OAUTH_SIGNOUT_REDIRECT_URL:
        "https://auth.example.com/logout?post_logout_redirect_uri=https%3A%2F%2Fgrafana.example.com%2Flogin",
    });
  });

  it("is for everybody with an account, or for the groups alone", async () => {
    const everybody = await create({ exposed: true, signIn: true });
    expect(everybody.clients["grafana"]?.groups).toBeUndefined();
    expect(variablesOf(everybody.made)).not.toHaveProperty("GF_AUTH_GENERIC_OAUTH_ALLOWED_GROUPS");
    const some = await create({ exposed: true, signIn: true, viewerGroups: ["support"] });
    expect(some.clients["grafana"]?.groups).toEqual(["admins", "developers", "support"]);
    expect(variablesOf(some.made)["GF_AUTH_GENERIC_OAUTH_ALLOWED_GROUPS"]).toBe("admins,developers,support");
  });
});
