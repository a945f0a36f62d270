import { authorityFiles } from "../../kit/authority";
import { imageReference, images } from "../../kit/images";
import type { PodArgs, Variable } from "../../kit/pod";
import type { OidcClient } from "../../kit/sign-in";
import { type Environment, resources } from "../../kit/sizes";
import type { ModelServer } from "../model-server";
import { type CounterStore, configFiles, longestSeconds } from "./config";
import { KEYS_FILE } from "./keys";
import { GATEWAY_NAME, GATEWAY_PORT } from "./names";

const CONFIG = "/etc/model-gateway";
const KEYS = "/etc/model-gateway-keys";
const CERTIFICATES = "/etc/model-gateway-tls";

/** Keys of the Secret of its own. */
export const MASTER_KEY = "master-key";
export const METRICS_TOKEN = "metrics-token";

/** Limits of several gateways, and the Secret with the key `password`. */
export interface Counters extends CounterStore {
  readonly secretName: string;
  readonly caConfigMap?: string;
}

export interface GatewayFacts {
  readonly environment: Environment;
  readonly namespace: string;
  readonly servers: readonly ModelServer[];
  /** Secret with KEYS_FILE. */
  readonly keysSecret: string;
  /** Secret with MASTER_KEY and METRICS_TOKEN. */
  readonly credentialsSecret: string;
  /** @default - counted in memory */
  readonly counters?: Counters;
  /** Secret with tls.crt and tls.key, and the ConfigMap of who signed it. @default - plain HTTP */
  readonly tls?: { readonly secretName: string; readonly caConfigMap: string };
  /** Client in whose name people sign in. @default - people have no access */
  readonly people?: Pick<OidcClient, "issuer" | "clientId"> & { readonly keys: string };
}

/** Measured: 330 to 390 MiB once it has started, 395 MiB after 400 chats, 64 at a time. */
const figures = {
  dev: { cpuMillicores: 100, memoryMiB: 768, limitMiB: 1024 },
  prod: { cpuMillicores: 500, memoryMiB: 1024, limitMiB: 2048 },
} as const;

/** Everything of the service but its name, namespace and replicas. */
export function gatewayPods(facts: GatewayFacts): PodArgs {
  const { servers, counters, tls, environment, namespace } = facts;
  const { cpuMillicores, memoryMiB, limitMiB } = figures[environment];
  const secure = tls !== undefined;
  return {
    image: imageReference(images.litellm),
    command: ["litellm"],
    args: [
      `--config=${CONFIG}/config.yaml`,
      "--host=0.0.0.0",
      `--port=${GATEWAY_PORT}`,
      ...(secure ? [`--ssl_certfile_path=${CERTIFICATES}/tls.crt`, `--ssl_keyfile_path=${CERTIFICATES}/tls.key`] : []),
    ],
    ports: [{ name: "http", port: GATEWAY_PORT }],
    environment: gatewayEnvironment(facts),
    resources: resources(cpuMillicores, memoryMiB, limitMiB),
    probes: {
      ready: { http: "/health/readiness", port: "http", tls: secure },
      live: { http: "/health/liveliness", port: "http", tls: secure },
      // It reads some thousand files of Python, and keeps nothing of it.
      startupSeconds: 600,
    },
    metrics: {
      port: "http",
      path: "/metrics/",
      token: { secret: facts.credentialsSecret, key: METRICS_TOKEN },
      ...(tls && { tls: { serverName: `${GATEWAY_NAME}.${namespace}.svc`, caConfigMap: tls.caConfigMap } }),
    },
    volumes: {
      scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 256 }],
      config: { path: CONFIG, files: configFiles({ servers, counters }) },
      secrets: [
        { name: "keys", path: KEYS, secret: facts.keysSecret },
        ...(tls === undefined ? [] : [{ name: "certificates", path: CERTIFICATES, secret: tls.secretName }]),
      ],
      configMaps: authorityFiles({ caConfigMap: counters?.caConfigMap }),
    },
    // `nobody` of the image, to whom its files belong.
    runAs: { user: 65_534, group: 65_534 },
    // Whoever is being answered gets the whole answer.
    terminationGraceSeconds: longestSeconds(servers) + 30,
  };
}

function gatewayEnvironment(facts: GatewayFacts): Record<string, Variable> {
  const { servers, credentialsSecret, counters, tls, people } = facts;
  const longest = String(longestSeconds(servers));
  return {
    LITELLM_MASTER_KEY: { secret: credentialsSecret, key: MASTER_KEY },
    LITELLM_MODE: "PRODUCTION",
    LITELLM_LOG: "WARNING",
    LITELLM_DONT_SHOW_FEEDBACK_BOX: "true",
    // Prices of other people's models: it would fetch them from the internet.
    LITELLM_LOCAL_MODEL_COST_MAP: "True",
    LITELLM_MAX_STREAMING_DURATION_SECONDS: longest,
    GRACEFUL_SHUTDOWN_TIMEOUT: longest,
    HF_HUB_OFFLINE: "1",
    // Shorter than that of the servers (uvicorn: 5): a connection that they have just closed would be an error for nothing.
    AIOHTTP_KEEPALIVE_TIMEOUT: "3",
    DISABLE_ADMIN_UI: "True",
    NO_REDOC: "True",
    // The page on which people try models is the description of its API.
    ...(people === undefined ? { NO_DOCS: "True", NO_OPENAPI: "True" } : {}),
    HOME: "/tmp",
    XDG_CACHE_HOME: "/tmp",
    GATEWAY_KEYS_FILE: `${KEYS}/${KEYS_FILE}`,
    ...(tls === undefined
      ? {}
      : {
          GATEWAY_CERTIFICATE: `${CERTIFICATES}/tls.crt`,
          GATEWAY_CERTIFICATE_KEY: `${CERTIFICATES}/tls.key`,
        }),
    ...(people === undefined
      ? {}
      : {
          GATEWAY_OIDC_ISSUER: people.issuer,
          GATEWAY_OIDC_CLIENT_ID: people.clientId,
          GATEWAY_OIDC_KEYS: people.keys,
        }),
    ...(counters === undefined ? {} : { REDIS_PASSWORD: { secret: counters.secretName, key: "password" } }),
  };
}
