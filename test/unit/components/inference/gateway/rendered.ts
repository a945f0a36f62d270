import { ModelGateway, type ModelGatewayArgs, ModelRegistry } from "../../../../../components/inference/gateway";
import type { ModelServer } from "../../../../../components/inference/model-server";
import type { Role } from "../../../../../components/inference/types";
import type { Consumer } from "../../../../../components/kit/capability";
import type { Certificates } from "../../../../../components/kit/certificates";
import { DomainNamespace } from "../../../../../components/kit/namespace";
import { openPath } from "../../../../../components/kit/network-policy";
import { consumerOf } from "../../../../../components/kit/service";
import { namespaces } from "../../platform/objects/capabilities";
import { type Recorder, record } from "../../recorder";

export const limits = { requestsPerMinute: 300, tokensPerMinute: 100_000, parallelRequests: 4 };

/** What the gateway has to know of a model's server. */
export interface FakeServer extends Partial<Pick<ModelServer["service"], "server" | "engine" | "timeoutSeconds">> {
  readonly name: string;
  readonly role: Role;
  readonly basePath?: string;
}

export const fakeServers: readonly FakeServer[] = [
  { name: "llm", role: "chat", engine: "vllm" },
  { name: "embeddings", role: "embedding", engine: "tei" },
  { name: "reranker", role: "rerank", engine: "vllm" },
  { name: "small-reranker", role: "rerank", engine: "tei" },
  { name: "whisper", role: "transcription", engine: "speaches", server: "ray", basePath: "/whisper" },
  { name: "tts", role: "speech", engine: "speaches" },
];

function modelServer({ name, basePath, ...rest }: FakeServer, namespace: DomainNamespace, gateway: Consumer) {
  const { identity, pods } = consumerOf(name, { software: "server", component: "model-server", namespace });
  const service = { name, timeoutSeconds: 600, server: rest.engine ?? "vllm", engine: "vllm", ...rest };
  const server = {
    service,
    basePath,
    servedName: `served-${name}`,
    backend: { identity, namespace, service: `${name}-predictor`, port: 80, podPort: 8000, pods },
    open: (consumer: Consumer, parent: object) =>
      openPath(
        `${consumer.identity.instance}-${name}`,
        { from: consumer.pods, to: pods, ports: [{ name: "http", port: 8000 }], owner: gateway.identity },
        { parent: parent as ModelGateway },
      ),
  };
  // The gateway asks a server for nothing but these.
  return server as unknown as ModelServer;
}

export interface RenderOptions {
  readonly environment?: "dev" | "prod";
  readonly servers?: readonly FakeServer[];
  readonly certificates?: Certificates;
  readonly gateway?: (registry: ModelRegistry) => Partial<ModelGatewayArgs>;
  readonly ask?: (registry: ModelRegistry) => void;
}

/** Three consumers of the settings, as many servers as wished, and the gateway between them. */
export function renderGateway(options: RenderOptions = {}): Promise<Recorder> {
  const { environment = "dev", servers = fakeServers, certificates, gateway, ask } = options;
  return record(() => {
    const shared = { namespaces: namespaces(environment), certificates };
    const services = servers.map(({ name }) => name);
    const registry = new ModelRegistry("models", { ...shared, services });
    registry.declare({ name: "shop", consumer: application("shop"), services, limits });
    registry.declare({ name: "one-model", services: services.slice(0, 1), limits });
    ask?.(registry);
    return new ModelGateway("model-gateway", {
      registry,
      certificates,
      servers: servers.map((server) => modelServer(server, registry.namespace, registry.gateway)),
      ...gateway?.(registry),
    });
  });
}

/** An application that asks. */
export function application(name: string): Consumer {
  const namespace = new DomainNamespace(`apps-of-${name}`, { domain: "apps", environment: "dev" });
  return consumerOf(name, { software: name, component: "application", namespace });
}
