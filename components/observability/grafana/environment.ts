import { AUTHORITY_FILE } from "../../kit/authority";
import type { Handle } from "../../kit/capability";
import type { Variable } from "../../kit/pod";

export const GRAFANA_PORT = 3000;
/** Keys of the made-up Secret. */
export const ADMIN_PASSWORD = "admin-password";
export const SECRET_KEY = "secret-key";

export interface GrafanaFacts {
  /** Secret with the administrator's password, and the key that other secrets are encrypted with. */
  readonly secretName: string;
  /** @default - SQLite, on a directory that dies with the pod */
  readonly database?: Pick<Handle, "host" | "port" | "secretName" | "caConfigMap">;
  /** Full DNS name. @default - inside the cluster only */
  readonly host?: string;
  /** File of the dashboard that people see first. @default - Grafana's own */
  readonly homeDashboard?: string;
  /** `host:port` that takes OTLP over gRPC. @default - Grafana sends no traces of its own */
  readonly otlp?: string;
}

/** Grafana's settings: `GF_<section>_<name>`, as in its defaults.ini. */
export function grafanaVariables(facts: GrafanaFacts): Record<string, Variable> {
  return {
    ...usual,
    GF_SECURITY_ADMIN_PASSWORD: { secret: facts.secretName, key: ADMIN_PASSWORD },
    GF_SECURITY_SECRET_KEY: { secret: facts.secretName, key: SECRET_KEY },
    ...(facts.homeDashboard === undefined ? {} : { GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: facts.homeDashboard }),
    ...(facts.database === undefined ? {} : databaseVariables(facts.database)),
    ...(facts.host === undefined ? {} : publicVariables(facts.host)),
    ...(facts.otlp === undefined ? {} : tracingVariables(facts.otlp)),
  };
}

const usual: Readonly<Record<string, string>> = {
  GF_LOG_MODE: "console",
  GF_LOG_CONSOLE_FORMAT: "json",
  GF_AUTH_ANONYMOUS_ENABLED: "false",
  GF_USERS_ALLOW_SIGN_UP: "false",
  GF_USERS_ALLOW_ORG_CREATE: "false",
  GF_SECURITY_DISABLE_GRAVATAR: "true",
  GF_SECURITY_CONTENT_SECURITY_POLICY: "true",
  // Nothing of it calls anybody outside the cluster.
  GF_ANALYTICS_REPORTING_ENABLED: "false",
  GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
  GF_ANALYTICS_FEEDBACK_LINKS_ENABLED: "false",
  GF_NEWS_NEWS_FEED_ENABLED: "false",
  GF_SNAPSHOTS_EXTERNAL_ENABLED: "false",
  GF_PLUGINS_PLUGIN_ADMIN_ENABLED: "false",
  GF_PLUGINS_PREINSTALL_DISABLED: "true",
  GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: "true",
  // The pages show Prometheus' alerts and Alertmanager's silences; Grafana itself evaluates none.
  GF_UNIFIED_ALERTING_ENABLED: "true",
  GF_UNIFIED_ALERTING_EXECUTE_ALERTS: "false",
};

/** State that the servers share: sessions, people's own dashboards, preferences. */
function databaseVariables({ host, port, secretName: secret, caConfigMap }: NonNullable<GrafanaFacts["database"]>) {
  return {
    GF_DATABASE_TYPE: "postgres",
    GF_DATABASE_HOST: `${host}:${port}`,
    GF_DATABASE_NAME: { secret, key: "dbname" },
    GF_DATABASE_USER: { secret, key: "user" },
    GF_DATABASE_PASSWORD: { secret, key: "password" },
    ...(caConfigMap === undefined
      ? { GF_DATABASE_SSL_MODE: "require" }
      : { GF_DATABASE_SSL_MODE: "verify-full", GF_DATABASE_CA_CERT_PATH: AUTHORITY_FILE }),
  };
}

function publicVariables(host: string) {
  return {
    GF_SERVER_ROOT_URL: `https://${host}/`,
    GF_SERVER_DOMAIN: host,
    GF_SECURITY_COOKIE_SECURE: "true",
    GF_SECURITY_STRICT_TRANSPORT_SECURITY: "true",
  };
}

function tracingVariables(address: string) {
  return {
    GF_TRACING_OPENTELEMETRY_OTLP_ADDRESS: address,
    GF_TRACING_OPENTELEMETRY_OTLP_PROPAGATION: "w3c",
    GF_TRACING_OPENTELEMETRY_OTLP_INSECURE: "true",
  };
}
