import { GATEWAY_NAME, ModelGateway, type SharedCounters } from "../../../components/inference/gateway";
import type { ModelServer } from "../../../components/inference/model-server";
import type { OidcClient } from "../../../components/kit/sign-in";
import { signInRedirectUri } from "../../../components/kit/sign-in";
import type { ServiceComponents } from "../../catalog";
import type { Connection } from "../../services/entry";
import { consoleOf } from "../../settings/consoles";
import { modelGatewayReplicas } from "../../settings/inference-gateway";
import { fullHost } from "../../settings/routes";
import type { LateSystems, SystemContext } from "../context";
import type { CreatedModels } from "./models";

/** Where models are asked, and with which Secrets. */
export interface GatewayOutputs {
  /** OPENAI_BASE_URL inside the cluster. */
  readonly url: string;
  /** The same outside, where it is exposed. */
  readonly publicUrl?: string;
  /** The page for people, behind sign-in, where it is exposed. */
  readonly consoleUrl?: string;
  /** How each consumer of the settings reaches it, by name. */
  readonly consumers: Readonly<Record<string, Connection>>;
}

export interface GatewayParts {
  readonly services: ServiceComponents;
  readonly models: CreatedModels;
  readonly servers: readonly ModelServer[];
}

/** The gateway before all models: after everybody who asks for one. */
export function createModelGateway(
  context: SystemContext,
  systems: LateSystems,
  { services, models, servers }: GatewayParts,
): GatewayOutputs {
  const { settings, opts } = context;
  const { registry, consumers } = models;
  const replicas = modelGatewayReplicas(settings);
  const page = consolePage(context, systems, registry);
  const gateway = new ModelGateway(
    GATEWAY_NAME,
    {
      registry,
      servers,
      replicas,
      counters: replicas > 1 ? sharedCounters(services, registry) : undefined,
      certificates: systems.certificates,
      people: page?.client,
    },
    opts,
  );
  return {
    url: registry.url,
    ...exposeApi(context, systems, gateway),
    ...page?.expose(gateway),
    consumers,
  };
}

/** Limits hold for all gateways together: they count in Valkey. */
function sharedCounters({ valkey }: ServiceComponents, { gateway }: CreatedModels["registry"]) {
  const counters: SharedCounters | undefined = valkey?.cache(GATEWAY_NAME, { consumer: gateway });
  return counters;
}

/** Clients outside show the keys that those inside have; nothing but the API is seen from there. */
function exposeApi({ settings }: SystemContext, { gateway: way }: LateSystems, gateway: ModelGateway) {
  const { host } = settings.inference.gateway;
  if (host === undefined || way === undefined) return {};
  const { backend } = gateway;
  const request = { host: fullHost(host, settings.cluster.domain), path: "/v1", backend, timeoutSeconds: 0 };
  way.route(GATEWAY_NAME, request, { dependsOn: [gateway] });
  return { publicUrl: `https://${request.host}/v1` };
}

interface ConsolePage {
  readonly client: OidcClient;
  readonly expose: (gateway: ModelGateway) => { readonly consoleUrl: string };
}

/** The page for people: the gateway in front has them sign in, and passes on who they are. */
function consolePage(
  { settings }: SystemContext,
  { gateway: way, identity }: LateSystems,
  { gateway: backend, namespace }: CreatedModels["registry"],
): ConsolePage | undefined {
  const exposed = consoleOf("models", settings);
  if (exposed === undefined || way === undefined || identity === undefined) return undefined;
  const host = fullHost(exposed.host, settings.cluster.domain);
  const { groups } = exposed;
  const client = identity.client("models", {
    consumer: { identity: backend.identity, pods: way.pods, namespace },
    redirectUris: [signInRedirectUri(host)],
    groups,
  });
  const signIn = { kind: "oidc", client, groups, passToken: true } as const;
  const expose = (gateway: ModelGateway) => {
    way.route("models", { host, backend: gateway.backend, timeoutSeconds: 0, signIn }, { dependsOn: [gateway] });
    return { consoleUrl: `https://${host}` };
  };
  return { client, expose };
}
