import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { Gateway, RouteArgs } from "../../../../components/kit/route";
import type { IdentityProvider, OidcClientArgs } from "../../../../components/kit/sign-in";
import type { ServiceComponents } from "../../../../stacks/catalog";
import { plannedProbes } from "../../../../stacks/settings/probes";
import { plannedRoutes } from "../../../../stacks/settings/routes";
import { Settings } from "../../../../stacks/settings/schema";
import type { LateSystems, SystemContext } from "../../../../stacks/systems";
import { createModels } from "../../../../stacks/systems/inference";
import { createModelGateway, type GatewayOutputs } from "../../../../stacks/systems/inference/gateway";
import { namespaces } from "../../components/platform/objects/capabilities";
import { at, type Recorder, record } from "../../components/recorder";

const settings = (inference: object, more: object = {}) =>
  Settings.parse({
    environment: "dev",
    cluster: { name: "demo", domain: "demo.example.com" },
    access: { adminCidrs: ["203.0.113.7/32"] },
    gateway: { enabled: true },
    identity: { enabled: true },
    inference: { enabled: true, services: { llm: {}, embeddings: {}, tts: { enabled: false } }, ...inference },
    ...more,
  });

interface Seen {
  readonly made: Recorder;
  readonly routes: Record<string, RouteArgs>;
  readonly clients: Record<string, OidcClientArgs>;
  readonly caches: string[];
  readonly outputs?: GatewayOutputs;
}

async function create(wanted: Settings): Promise<Seen> {
  const routes: Seen["routes"] = {};
  const clients: Seen["clients"] = {};
  const caches: string[] = [];
  let outputs: GatewayOutputs | undefined;
  const made = await record(() => {
    const ready = new pulumi.ComponentResource("test:index:Ready", "ready");
    const pods = { namespace: "gateway", labels: { app: "gateway" }, instance: "gateway" };
    const route: Gateway["route"] = (name, args) => {
      routes[name] = args;
      return { url: "", ready };
    };
    const keys = "http://keycloak.identity.svc:8080/certs";
    const identity: IdentityProvider = {
      issuer: "https://auth.demo.example.com",
      client: (name, args) => {
        clients[name] = args;
        const endpoints = { authorization: "", token: "", keys };
        const secretNamespace = args.consumer.namespace.name;
        const provider = { namespace: "identity", labels: { app: "keycloak" }, instance: "keycloak" };
        return { issuer: "i", endpoints, clientId: name, secretName: name, secretNamespace, provider, ready };
      },
    };
    const valkey = {
      cache: (name: string) => {
        caches.push(name);
        return { host: "valkey.db.svc", port: 6379, user: name, sentinelHosts: [], secretName: "v", ready };
      },
    };
    const systems = { gateway: { pods, route }, identity } as unknown as LateSystems;
    const context = { settings: wanted, platform: { namespaces: namespaces() }, opts: {} } as unknown as SystemContext;
    const models = createModels(context, systems);
    if (models === undefined) return;
    outputs = createModelGateway(context, systems, {
      services: { valkey } as unknown as ServiceComponents,
      models,
      servers: [],
    });
  });
  return { made, routes, clients, caches, outputs };
}

describe("the models' gateway of an environment", () => {
  it("is nothing while inference is off", async () => {
    const { made, outputs } = await create(settings({ enabled: false }));
    expect([made.resources.filter(({ type }) => type.startsWith("kubernetes:")), outputs]).toEqual([[], undefined]);
    expect(
      plannedRoutes(settings({ enabled: false, gateway: { host: "models" } })).map(({ setting }) => setting),
    ).toEqual(["identity.host"]);
  });

  it("gives each consumer of the settings its Secret, where the application is or beside the gateway", async () => {
    const consumers = [
      { name: "shop", consumer: { namespace: "apps", app: "shop" }, services: ["llm"], requestsPerMinute: 5 },
      { name: "laptop", services: ["llm", "embeddings"] },
    ];
    const { made, outputs } = await create(settings({ consumers }));
    const where = { host: "model-gateway.ai-ml.svc", port: 4000 };
    expect(outputs).toEqual({
      url: "http://model-gateway.ai-ml.svc:4000/v1",
      consumers: {
        shop: { ...where, secret: { namespace: "apps", name: "model-gateway-shop" } },
        laptop: { ...where, secret: { namespace: "ai-ml", name: "model-gateway-laptop" } },
      },
    });
    const file = JSON.parse(String(at(made.one("Secret", "model-gateway-keys").inputs, "stringData", "keys.json")));
    expect(file.keys).toMatchObject([
      { consumer: "shop", models: ["llm"], requestsPerMinute: 5, parallelRequests: 16 },
      { consumer: "laptop", models: ["embeddings", "llm"], requestsPerMinute: 600 },
    ]);
  });

  it("shows clients outside the API alone, for as long as a stream lasts", async () => {
    const wanted = settings({ gateway: { host: "models" } });
    const { routes, outputs } = await create(wanted);
    expect(routes["model-gateway"]).toMatchObject({ host: "models.demo.example.com", path: "/v1", timeoutSeconds: 0 });
    expect(outputs?.publicUrl).toBe("https://models.demo.example.com/v1");
    const probe = plannedProbes(wanted).find(({ address }) => address.startsWith("https://models."));
    expect(probe).toMatchObject({
      address: "https://models.demo.example.com/v1",
      module: "machines",
      service: "inference",
    });
  });

  it("has people sign in before its page, takes their token, and may ask the provider for its keys", async () => {
    const wanted = settings({ gateway: { console: { host: "try", groups: ["engineers"] } } });
    const { made, routes, clients, outputs } = await create(wanted);
    expect(clients["models"]).toMatchObject({
      groups: ["engineers"],
      redirectUris: ["https://try.demo.example.com/oauth2/callback"],
    });
    expect(routes["models"]?.signIn).toMatchObject({ kind: "oidc", groups: ["engineers"], passToken: true });
    expect(outputs?.consoleUrl).toBe("https://try.demo.example.com");
    const egress = made.one("NetworkPolicy", "model-gateway-to-keycloak-oidc-egress").inputs;
    expect(at(egress, "spec", "egress", 0, "ports", 0, "port")).toBe(8080);
    expect(plannedRoutes(wanted).find(({ host }) => host.startsWith("try."))).toMatchObject({ signIn: true });
  });

  it("counts limits in Valkey where it is several", async () => {
    const valkey = { services: { valkey: { enabled: true } } };
    expect((await create(settings({ gateway: { replicas: 2 } }, valkey))).caches).toEqual(["model-gateway"]);
    expect((await create(settings({}, valkey))).caches).toEqual([]);
  });
});
