import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { PRIMARY_NAME, SENTINEL_PORT } from "../../data/valkey/config";
import { AUTHORITY_FILE } from "../../kit/authority";
import type { ModelServer } from "../model-server";
import type { Role } from "../types";

/** LiteLLM's words for what a model does. */
const modes: Readonly<Record<Role, string>> = {
  chat: "chat",
  embedding: "embedding",
  rerank: "rerank",
  transcription: "audio_transcription",
  speech: "audio_speech",
};

/** Where limits are counted by several gateways together. The password is a variable. */
export interface CounterStore {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly encrypted: boolean;
  /** All servers, where Sentinels watch over them; empty for a single one. */
  readonly sentinelHosts: readonly string[];
}

export interface GatewayConfigFacts {
  readonly servers: readonly ModelServer[];
  /** @default - in the memory of the one gateway */
  readonly counters?: CounterStore;
}

/** Files beside each other: LiteLLM looks for the program that it asks where its configuration is. */
export function configFiles(facts: GatewayConfigFacts): Record<string, string> {
  return {
    "config.yaml": stringify(gatewayConfig(facts)),
    "auth.py": readFileSync(join(__dirname, "auth.py"), "utf8"),
  };
}

/** Longest answer of any model, in seconds. */
export function longestSeconds(servers: readonly ModelServer[]): number {
  return Math.max(60, ...servers.map(({ service: { timeoutSeconds } }) => timeoutSeconds));
}

export function gatewayConfig({ servers, counters }: GatewayConfigFacts) {
  return {
    model_list: servers.map(modelEntry),
    litellm_settings: {
      json_logs: true,
      telemetry: false,
      // What is asked and answered is nobody's business but theirs.
      turn_off_message_logging: true,
      disable_hf_tokenizer_download: true,
      request_timeout: longestSeconds(servers),
      // A second try doubles the load on what is too slow already, and a chat is not the same twice.
      num_retries: 0,
      callbacks: ["prometheus"],
      prometheus_metrics_config: metricGroups,
      // Both: a key opens its own models alone.
      enable_post_custom_auth_checks: true,
    },
    router_settings: {
      num_retries: 0,
      // There is one of each: nobody else could answer while it cools down.
      disable_cooldowns: true,
    },
    general_settings: {
      custom_auth: "auth.user_api_key_auth",
      custom_auth_run_common_checks: true,
      master_key: "os.environ/LITELLM_MASTER_KEY",
      ...(counters === undefined ? {} : { coordination_redis: redisParameters(counters) }),
    },
  };
}

function modelEntry({ service, backend, basePath = "", servedName }: ModelServer) {
  const { name, role, timeoutSeconds } = service;
  const base = `http://${backend.service}.${backend.namespace.name}.svc:${backend.port}${basePath}`;
  return {
    model_name: name,
    litellm_params: {
      ...provider(base, servedName, service),
      // The servers ask for none; OpenAI's client does not go without.
      api_key: "none",
      timeout: timeoutSeconds,
      stream_timeout: timeoutSeconds,
      max_retries: 0,
    },
    model_info: { id: name, mode: modes[role] },
  };
}

/** All speak OpenAI's API, which knows no reranking: there are Cohere's way, as vLLM and llama.cpp have it, and TEI's. */
function provider(base: string, servedName: string, { role, engine, server }: ModelServer["service"]) {
  if (role !== "rerank") return { model: `openai/${servedName}`, api_base: `${base}/v1` };
  return engine === "tei" && server !== "ray"
    ? { model: `huggingface/${servedName}`, api_base: base }
    : { model: `hosted_vllm/${servedName}`, api_base: `${base}/v1` };
}

/** Its keys begin with the user's name, as the server's rules ask. */
function redisParameters({ host, port, user, encrypted, sentinelHosts }: CounterStore) {
  const password = "os.environ/REDIS_PASSWORD";
  return {
    ...(sentinelHosts.length === 0
      ? { host, port }
      : {
          sentinel_nodes: sentinelHosts.map((each) => [each, SENTINEL_PORT]),
          sentinel_password: password,
          service_name: PRIMARY_NAME,
        }),
    username: user,
    password,
    namespace: user,
    ...(encrypted ? { ssl: true, ssl_ca_certs: AUTHORITY_FILE } : {}),
  };
}

/** By key and by service, both from the settings: what a client writes into a request never becomes a label. */
const CALLER = ["api_key_alias", "model_id"];

const metricGroups = [
  {
    group: "requests",
    metrics: ["litellm_proxy_total_requests_metric"],
    include_labels: [...CALLER, "status_code"],
  },
  {
    group: "failures",
    metrics: ["litellm_proxy_failed_requests_metric"],
    include_labels: [...CALLER, "exception_status"],
  },
  {
    group: "tokens",
    metrics: ["litellm_input_tokens_metric", "litellm_output_tokens_metric"],
    include_labels: CALLER,
  },
  {
    group: "latency",
    metrics: [
      "litellm_request_total_latency_metric",
      "litellm_llm_api_latency_metric",
      "litellm_llm_api_time_to_first_token_metric",
    ],
    include_labels: CALLER,
  },
];
