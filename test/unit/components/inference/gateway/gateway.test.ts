import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { SharedCounters } from "../../../../../components/inference/gateway";
import { modelKey } from "../../../../../components/kit/models";
import { fakeCertificates } from "../../platform/objects/capabilities";
import { at, type Recorder } from "../../recorder";
import { application, fakeServers, limits, renderGateway } from "./rendered";

const config = (made: Recorder) =>
  parse(String(at(made.one("ConfigMap", "model-gateway").inputs, "data", "config.yaml")));
const container = (made: Recorder) =>
  at(made.one("Deployment", "model-gateway").inputs, "spec", "template", "spec", "containers", 0);
const variable = (made: Recorder, name: string) =>
  (at(container(made), "env") as unknown as { name: string }[]).find((each) => each.name === name);
const keys = (made: Recorder) =>
  JSON.parse(String(at(made.one("Secret", "model-gateway-keys").inputs, "stringData", "keys.json")));

describe("the gateway before the models", () => {
  let made: Recorder;

  beforeAll(async () => {
    made = await renderGateway({
      ask: (registry) => {
        const consumer = application("chat-page");
        registry.model("llm", { consumer, limits: { parallelRequests: 2 } });
        registry.model("small-reranker", { consumer });
      },
    });
  });

  it("knows every model under its service's name, at its server, by its server's name for it", () => {
    const { model_list: models } = config(made);
    expect(
      models.map((each: { model_name: string; litellm_params: { model: string; api_base: string } }) => [
        each.model_name,
        each.litellm_params.model,
        each.litellm_params.api_base,
      ]),
    ).toEqual([
      ["llm", "openai/served-llm", "http://llm-predictor.ai-ml.svc:80/v1"],
      ["embeddings", "openai/served-embeddings", "http://embeddings-predictor.ai-ml.svc:80/v1"],
      ["reranker", "hosted_vllm/served-reranker", "http://reranker-predictor.ai-ml.svc:80/v1"],
      ["small-reranker", "huggingface/served-small-reranker", "http://small-reranker-predictor.ai-ml.svc:80"],
      ["whisper", "openai/served-whisper", "http://whisper-predictor.ai-ml.svc:80/whisper/v1"],
      ["tts", "openai/served-tts", "http://tts-predictor.ai-ml.svc:80/v1"],
    ]);
  });

  it("tries nothing twice, and waits as long as each service may take", async () => {
    const slow = fakeServers.map((server) => (server.name === "tts" ? { ...server, timeoutSeconds: 1200 } : server));
    const other = await renderGateway({ servers: slow });
    const { model_list: models, litellm_settings, router_settings } = config(other);
    expect([litellm_settings.num_retries, router_settings.num_retries]).toEqual([0, 0]);
    const timeouts = models.map(({ litellm_params: { timeout, stream_timeout, max_retries } }: Model) => [
      timeout,
      stream_timeout,
      max_retries,
    ]);
    expect(timeouts).toEqual([...Array(5).fill([600, 600, 0]), [1200, 1200, 0]]);
    const pod = at(other.one("Deployment", "model-gateway").inputs, "spec", "template", "spec");
    expect(at(pod, "terminationGracePeriodSeconds")).toBe(1230);
    expect(variable(other, "GRACEFUL_SHUTDOWN_TIMEOUT")).toMatchObject({ value: "1200" });
  });

  it("gives each consumer one key, in a Secret where it is, with the names of its models", () => {
    const { metadata, stringData } = made.one("Secret", "model-gateway-chat-page").inputs as Record<string, never>;
    expect(metadata).toMatchObject({ name: "model-gateway-chat-page", namespace: "apps" });
    expect(stringData).toEqual({
      OPENAI_BASE_URL: "http://model-gateway.ai-ml.svc:4000/v1",
      OPENAI_API_KEY: "made-up-model-gateway-chat-page",
      MODEL_LLM: "llm",
      MODEL_SMALL_RERANKER: "small-reranker",
    });
    expect(made.one("Secret", "model-gateway-chat-page").secrets).not.toEqual([]);
    expect(at(made.one("Secret", "model-gateway-one-model").inputs, "metadata", "namespace")).toBe("ai-ml");
    const passwords = made.resources.filter(({ type }) => type.endsWith(":RandomPassword"));
    expect(passwords.filter(({ name }) => name === "model-gateway-chat-page")).toHaveLength(1);
  });

  it("knows keys by their digests alone, with what each opens", () => {
    const file = keys(made);
    expect(JSON.stringify(file)).not.toContain("made-up");
    expect(file.keys.map(({ consumer, models }: Entry) => [consumer, models])).toEqual([
      ["shop", ["embeddings", "llm", "reranker", "small-reranker", "tts", "whisper"]],
      ["one-model", ["llm"]],
      ["chat-page", ["llm", "small-reranker"]],
    ]);
    expect(file.keys[0]).toMatchObject(limits);
    expect(file.keys[2]).toMatchObject({ requestsPerMinute: 600, tokensPerMinute: 200_000, parallelRequests: 2 });
    expect(file.people).toBeNull();
    expect(made.one("Secret", "model-gateway-keys").secrets).not.toEqual([]);
  });

  it("opens one path for each consumer that is somewhere, and one to each server", () => {
    const policies = made.kind("NetworkPolicy").map(({ name }) => name);
    expect(policies.filter((name) => name.endsWith("-model-gateway-ingress"))).toEqual([
      "apps-shop-model-gateway-ingress",
      "apps-chat-page-model-gateway-ingress",
    ]);
    for (const { name } of fakeServers) expect(policies).toContain(`model-gateway-${name}-egress`);
  });

  it("opens the path of an application with two keys once", async () => {
    const again = await renderGateway({
      ask: (registry) =>
        void registry.declare({ name: "other", consumer: application("shop"), services: ["llm"], limits }),
    });
    const policies = again.kind("NetworkPolicy").map(({ name }) => name);
    expect(policies.filter((name) => name === "apps-shop-model-gateway-egress")).toHaveLength(1);
  });

  it("is as restricted as everything else, and asks the internet for nothing", () => {
    expect(at(container(made), "securityContext")).toMatchObject({ readOnlyRootFilesystem: true });
    expect(variable(made, "LITELLM_LOCAL_MODEL_COST_MAP")).toMatchObject({ value: "True" });
    expect(config(made).litellm_settings).toMatchObject({ telemetry: false, turn_off_message_logging: true });
    expect(variable(made, "NO_DOCS")).toMatchObject({ value: "True" });
    expect(JSON.stringify(made.one("Deployment", "model-gateway").inputs)).not.toContain("made-up");
    expect(made.kind("PodDisruptionBudget")).toEqual([]);
  });

  it("refuses a model that there is not, and says which there are", async () => {
    const ask = (name: string) =>
      renderGateway({ ask: (registry) => void registry.model(name, { consumer: application("x") }) });
    await expect(ask("lm")).rejects.toThrow(/x asks for lm, and orrery:inference.services has llm, embeddings/);
  });

  it("refuses a second consumer of one name", async () => {
    const twice = renderGateway({
      ask: (registry) => void registry.declare({ name: "shop", services: ["llm"], limits }),
    });
    await expect(twice).rejects.toThrow(/there is a consumer "shop" already/);
  });
});

describe("several gateways", () => {
  const counters = (host: string, more: Partial<SharedCounters> = {}) =>
    ({
      host,
      port: 6379,
      user: "model-gateway",
      encrypted: true,
      sentinelHosts: [],
      secretName: "valkey-model-gateway",
      caConfigMap: "internal-ca",
      ...more,
    }) as unknown as SharedCounters;

  it("count their limits together, encrypted, below the keys that they may write", async () => {
    const made = await renderGateway({
      environment: "prod",
      gateway: ({ namespace }) => ({ replicas: 2, counters: { ...counters("valkey.db.svc"), ready: namespace } }),
    });
    expect(config(made).general_settings.coordination_redis).toEqual({
      host: "valkey.db.svc",
      port: 6379,
      username: "model-gateway",
      password: "os.environ/REDIS_PASSWORD",
      namespace: "model-gateway",
      ssl: true,
      ssl_ca_certs: "/etc/ssl/orrery/ca.crt",
    });
    expect(variable(made, "REDIS_PASSWORD")).toMatchObject({
      valueFrom: { secretKeyRef: { name: "valkey-model-gateway", key: "password" } },
    });
    expect(made.kind("PodDisruptionBudget")).toHaveLength(1);
  });

  it("ask Sentinels where there are some", async () => {
    const made = await renderGateway({
      gateway: ({ namespace }) => ({
        replicas: 2,
        counters: { ...counters("valkey.db.svc", { sentinelHosts: ["a.db.svc", "b.db.svc"] }), ready: namespace },
      }),
    });
    expect(config(made).general_settings.coordination_redis).toMatchObject({
      sentinel_nodes: [
        ["a.db.svc", 26379],
        ["b.db.svc", 26379],
      ],
      service_name: "primary",
      sentinel_password: "os.environ/REDIS_PASSWORD",
    });
  });

  it("are refused without", async () => {
    await expect(renderGateway({ gateway: () => ({ replicas: 3 }) })).rejects.toThrow(/services\.valkey\.enabled/);
  });
});

describe("with certificates", () => {
  it("speaks TLS, says so to its consumers, and gives them the authority", async () => {
    const { certificates, asked } = fakeCertificates();
    let handle: object = {};
    const made = await renderGateway({
      certificates,
      ask: (registry) => {
        handle = registry.model("llm", { consumer: application("chat-page") });
      },
    });
    expect(handle).toMatchObject({
      url: "https://model-gateway.ai-ml.svc:4000/v1",
      caConfigMap: "internal-ca",
      model: "llm",
    });
    expect(asked[0]?.dnsNames).toContain("model-gateway.ai-ml.svc");
    const args = at(container(made), "args") as unknown as string[];
    expect(args).toContain("--ssl_certfile_path=/etc/model-gateway-tls/tls.crt");
    expect(at(container(made), "readinessProbe", "httpGet")).toMatchObject({ scheme: "HTTPS" });
    expect(variable(made, "GATEWAY_CERTIFICATE")).toMatchObject({ value: "/etc/model-gateway-tls/tls.crt" });
  });
});

describe("a model's key in the Secret", () => {
  it.each([
    ["llm", "MODEL_LLM"],
    ["text-small-2", "MODEL_TEXT_SMALL_2"],
  ])("of %s is %s", (name, key) => {
    expect(modelKey(name)).toBe(key);
  });
});

interface Model {
  readonly litellm_params: { readonly timeout: number; readonly stream_timeout: number; readonly max_retries: number };
}

interface Entry {
  readonly consumer: string;
  readonly models: readonly string[];
}
