import { AUTHORITY_FILE, authorityFiles } from "../../kit/authority";
import { imageReference, images, imageVersion } from "../../kit/images";
import { priorities } from "../../kit/priorities";
import type { ServiceArgs } from "../../kit/service";
import { type Resources, resources, type Size } from "../../kit/sizes";
import { attributeList, type TraceEndpoint } from "../../kit/telemetry";

export const HTTP_PORT = 8080;
const MANAGEMENT_PORT = 9000;
/** JGroups between the servers, and its watch for those that failed. */
const CLUSTER_PORT = 7800;
const FAILURE_PORT = 57800;

export const COMPONENT = "identity";

/** What the administrator's Secret holds. */
export const ADMIN_KEYS = { user: "username", password: "password" } as const;

export interface KeycloakPodsArgs {
  readonly replicas: number;
  readonly size: Size;
  /** Full DNS name under which people see it. */
  readonly host: string;
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly secretName: string;
    readonly caConfigMap?: string;
  };
  readonly adminSecret: string;
  /** Where traces are taken. @default - nobody takes them */
  readonly traces?: TraceEndpoint;
}

/** The Java heap takes 70 % of the limit; Keycloak itself needs 1,250 MiB with a small realm and caches. */
const figures: Record<Size, Resources> = {
  small: resources(500, 1250, 2048),
  medium: resources(1500, 2048, 3072),
  large: resources(3000, 3072, 4096),
};

export type KeycloakPods = Omit<ServiceArgs, "namespace">;

/** What Keycloak is called. */
export const keycloakSoftware = {
  software: "keycloak",
  component: COMPONENT,
  version: imageVersion(images.keycloak),
} as const;

/** Keycloak's pods: production mode behind the gateway, which ends TLS. */
export function keycloakPods(args: KeycloakPodsArgs): KeycloakPods {
  return {
    ...keycloakSoftware,
    image: imageReference(images.keycloak),
    args: ["start"],
    replicas: args.replicas,
    ports: [
      { name: "http", port: HTTP_PORT },
      { name: "management", port: MANAGEMENT_PORT },
      { name: "cluster", port: CLUSTER_PORT },
      { name: "failures", port: FAILURE_PORT },
    ],
    peerPorts: ["cluster", "failures"],
    environment: environment(args),
    resources: figures[args.size],
    probes: {
      ready: { http: "/health/ready", port: "management" },
      live: { http: "/health/live", port: "management" },
      // The first start makes the tables, and every start after a change of version changes them.
      startupSeconds: 600,
    },
    metrics: { port: "management" },
    volumes: {
      scratch: [
        { name: "tmp", path: "/tmp", sizeLimitMiB: 256 },
        { name: "data", path: "/opt/keycloak/data", sizeLimitMiB: 256 },
      ],
      configMaps: authorityFiles(args.database),
    },
    runAs: { user: 1000, group: 1000, fsGroup: 1000 },
    readOnlyRootFilesystem: false,
    exceptions: [
      {
        rule: "read-only-root-filesystem",
        reason:
          "Keycloak compiles its configuration into its own folder at each start; only an image that was built for one configuration needs no such write",
      },
    ],
    priorityClass: priorities.platform.name,
    terminationGraceSeconds: 60,
  };
}

function environment({ host, database, adminSecret, traces }: KeycloakPodsArgs): ServiceArgs["environment"] {
  return {
    KC_DB: "postgres",
    KC_DB_URL: `jdbc:postgresql://${database.host}:${database.port}/${database.database}?${encryption(database)}`,
    KC_DB_USERNAME: { secret: database.secretName, key: "username" },
    KC_DB_PASSWORD: { secret: database.secretName, key: "password" },
    KC_HOSTNAME: `https://${host}`,
    // Services inside the cluster ask for tokens and keys without leaving it; what people see stays the address above.
    KC_HOSTNAME_BACKCHANNEL_DYNAMIC: "true",
    KC_HTTP_ENABLED: "true",
    KC_PROXY_HEADERS: "xforwarded",
    KC_HEALTH_ENABLED: "true",
    KC_METRICS_ENABLED: "true",
    // The servers find each other in the database; their addresses are those of the pods.
    KC_CACHE: "ispn",
    KC_CACHE_STACK: "jdbc-ping",
    KC_BOOTSTRAP_ADMIN_USERNAME: { secret: adminSecret, key: ADMIN_KEYS.user },
    KC_BOOTSTRAP_ADMIN_PASSWORD: { secret: adminSecret, key: ADMIN_KEYS.password },
    ...(traces === undefined ? {} : tracing(traces)),
  };
}

/** Keycloak's own names for what OpenTelemetry's variables say. */
function tracing({ receiver, service, attributes }: TraceEndpoint) {
  return {
    KC_TRACING_ENABLED: "true",
    KC_TRACING_PROTOCOL: "grpc",
    KC_TRACING_ENDPOINT: `http://${receiver.host}:${receiver.grpcPort}`,
    KC_TRACING_SERVICE_NAME: service,
    KC_TRACING_RESOURCE_ATTRIBUTES: attributeList(attributes),
  };
}

function encryption({ caConfigMap }: KeycloakPodsArgs["database"]): string {
  return caConfigMap === undefined ? "sslmode=require" : `sslmode=verify-full&sslrootcert=${AUTHORITY_FILE}`;
}
