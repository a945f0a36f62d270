import { type ApplicationDefinition, databaseVariables } from "../kit/application-definition";
import { images } from "../kit/images";

/** n8n: workflows and credentials are in PostgreSQL, the latter encrypted with a key that is made up once. */
export const n8n: ApplicationDefinition = {
  description: "n8n, workflow automation",
  software: "n8n",
  component: "workflows",
  domain: "automation",
  image: images.n8n,
  port: 5678,
  probes: { ready: "/healthz/readiness", live: "/healthz" },
  metricsPath: "/metrics",
  runAs: { user: 1000, group: 1000 },
  database: {
    name: "n8n",
    environment: databaseVariables("DB_POSTGRESDB_"),
    trust: (file): Record<string, string> =>
      file ? { DB_POSTGRESDB_SSL_CA_FILE: file } : { DB_POSTGRESDB_SSL_REJECT_UNAUTHORIZED: "false" },
  },
  generated: ["N8N_ENCRYPTION_KEY"],
  environment: {
    DB_TYPE: "postgresdb",
    DB_POSTGRESDB_SSL_ENABLED: "true",
    N8N_METRICS: "true",
    // How many workflows start and fail, and who waits for the database: the alerts ask for these.
    N8N_METRICS_INCLUDE_MESSAGE_EVENT_BUS_METRICS: "true",
    N8N_METRICS_INCLUDE_DB_POOL_METRICS: "true",
  },
  publicEnvironment: ({ host, href }) => ({ N8N_HOST: host, N8N_PROTOCOL: "https", WEBHOOK_URL: href }),
  scratchMiB: { "/home/node/.n8n": 256, "/tmp": 256 },
  // Workflows call other services, and other services call their webhooks.
  internetPorts: [443],
  machinePaths: ["/webhook", "/rest/oauth2-credential"],
  // A span for each workflow and each of its nodes; from 2.19 on.
  traces: ({ environment, service }) => ({
    N8N_OTEL_ENABLED: "true",
    N8N_OTEL_EXPORTER_OTLP_ENDPOINT: environment.OTEL_EXPORTER_OTLP_ENDPOINT!,
    N8N_OTEL_EXPORTER_SERVICE_NAME: service,
  }),
};
