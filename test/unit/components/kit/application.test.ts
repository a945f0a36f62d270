import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { Application, type ApplicationArgs } from "../../../../components/kit/application";
import type { ApplicationDefinition } from "../../../../components/kit/application-definition";
import type { Consumer } from "../../../../components/kit/capability";
import type { Models } from "../../../../components/kit/models";
import { Namespaces } from "../../../../components/kit/namespace";
import type { Gateway, RouteArgs } from "../../../../components/kit/route";
import type { IdentityProvider, OidcClientArgs } from "../../../../components/kit/sign-in";
import { at, type Data, record } from "../recorder";

const definition: ApplicationDefinition = {
  description: "A thing",
  software: "thing",
  component: "things",
  domain: "apps",
  image: { name: "r.test/thing", tag: "v1.2.3" },
  port: 8080,
  probes: { ready: "/ready", live: "/live" },
  database: { name: "thing", environment: { DB_HOST: "host", DB_PASSWORD: "password" } },
  generated: ["THING_KEY"],
  environment: { THING_MODE: "quiet" },
  publicEnvironment: ({ host, href }) => ({ THING_HOST: host, THING_URL: href }),
  scratchMiB: { "/tmp": 64 },
  internetPorts: [443],
  machinePaths: ["/hooks"],
};

const { database: _, ...withoutDatabase } = definition;

interface Asked {
  databases: { name: string; consumer: Consumer }[];
  routes: ({ name: string } & RouteArgs)[];
  clients: ({ name: string } & OidcClientArgs)[];
}

/** Capabilities that remember what was asked of them. */
function capabilities(asked: Asked) {
  const ready = new pulumi.ComponentResource("test:x:Ready", "ready");
  const provider = { namespace: "elsewhere", labels: { app: "provider" }, instance: "provider" };
  const databases: NonNullable<ApplicationArgs["databases"]> = {
    database: (name, { consumer }) => {
      asked.databases.push({ name, consumer });
      return { host: "db", port: 5432, secretName: "thing-db", provider, ready };
    },
  };
  const gateway: Pick<Gateway, "route"> = {
    route: (name, args) => {
      asked.routes.push({ name, ...args });
      return { url: `https://${args.host}`, ready };
    },
  };
  const signIn: IdentityProvider = {
    issuer: "https://auth.test",
    client: (name, args) => {
      asked.clients.push({ name, ...args });
      return {
        issuer: "https://auth.test",
        clientId: name,
        secretName: `${name}-client`,
        secretNamespace: "apps",
        provider,
        ready,
      };
    },
  };
  return { databases, gateway: gateway as Gateway, signIn };
}

async function create(exposed: "no" | "open" | "signed in", overrides: Partial<ApplicationArgs> = {}) {
  const asked: Asked = { databases: [], routes: [], clients: [] };
  const made = await record(() => {
    const { databases, gateway, signIn } = capabilities(asked);
    const exposure = { host: "thing.test", gateway, ...(exposed === "signed in" ? { signIn } : {}) };
    new Application("thing", definition, {
      namespaces: new Namespaces({ environment: "dev" }, {}),
      databases,
      ...(exposed === "no" ? {} : { exposed: exposure }),
      ...overrides,
    });
  });
  const env = at(made.one("Deployment", "thing").inputs, "spec", "template", "spec", "containers", 0, "env");
  return { made, asked, env: env as unknown as { name: string; value?: string; valueFrom?: Data }[] };
}

describe("an application", () => {
  it("gets its database, and the parts of its Secret under the names that it wants", async () => {
    const { asked, env } = await create("no");
    expect(asked.databases.map(({ name, consumer }) => [name, consumer.namespace.name])).toEqual([["thing", "apps"]]);
    expect(env.find(({ name }) => name === "DB_PASSWORD")?.valueFrom).toEqual({
      secretKeyRef: { name: "thing-db", key: "password" },
    });
  });

  it("gets made-up values that stand nowhere in plain text", async () => {
    const { made, env } = await create("no");
    expect(env.find(({ name }) => name === "THING_KEY")?.valueFrom).toEqual({
      secretKeyRef: { name: "thing-generated", key: "THING_KEY" },
    });
    const secret = made.one("Secret", "thing-generated");
    expect(secret.secrets).toContain("stringData");
  });

  it("has no route and knows no address inside the cluster only", async () => {
    const { asked, env } = await create("no");
    expect(asked.routes).toEqual([]);
    expect(env.map(({ name }) => name)).toEqual(["THING_MODE", "DB_HOST", "DB_PASSWORD", "THING_KEY"]);
  });

  it("exposed, has one route and is told its address", async () => {
    const { asked, env } = await create("open");
    expect(asked.routes.map(({ host, path, signIn }) => [host, path, signIn])).toEqual([
      ["thing.test", undefined, undefined],
    ]);
    expect(env.find(({ name }) => name === "THING_URL")?.value).toBe("https://thing.test/");
  });

  it("behind sign-in, still lets machines in where they call it", async () => {
    const { asked } = await create("signed in");
    expect(asked.clients.map(({ name, redirectUris }) => [name, redirectUris])).toEqual([
      ["thing", ["https://thing.test/oauth2/callback"]],
    ]);
    expect(asked.routes.map(({ path, signIn }) => [path ?? "/", signIn?.kind])).toEqual([
      ["/", "oidc"],
      ["/hooks", undefined],
    ]);
  });

  it("may call the ports outside that it names, and has no other way out", async () => {
    const { made } = await create("no");
    const { inputs } = made.one("CiliumNetworkPolicy", "thing-world");
    expect(at(inputs, "spec", "egress", 0, "toPorts", 0, "ports")).toEqual([{ port: "443", protocol: "TCP" }]);
  });

  it("gets one key for its models, and the gateway's authority", async () => {
    const asked: string[] = [];
    const definition = {
      ...withoutDatabase,
      models: {
        names: ["llm", "embeddings"],
        environment: { AI_URL: "OPENAI_BASE_URL", AI_KEY: "OPENAI_API_KEY", AI_MODEL: "MODEL_LLM" },
        trust: (file: string | undefined): Record<string, string> => (file === undefined ? {} : { AI_CA: file }),
      },
    } as const satisfies ApplicationDefinition;
    const models = (): Models => ({
      model: (model, { consumer }) => {
        asked.push(`${consumer.identity.instance} ${model}`);
        const provider = { namespace: "ai-ml", labels: {}, instance: "model-gateway" };
        const ready = new pulumi.ComponentResource("test:x:Key", model);
        const where = { host: "model-gateway.ai-ml.svc", port: 4000, url: "", secretName: "thing-models" };
        return { ...where, model, caConfigMap: "internal-ca", provider, ready };
      },
    });
    const made = await record(() => {
      const namespaces = new Namespaces({ environment: "dev" }, {});
      new Application("thing", definition, { namespaces, models: models() });
    });
    expect(asked).toEqual(["thing llm", "thing embeddings"]);
    const pod = at(made.one("Deployment", "thing").inputs, "spec", "template", "spec");
    const env = at(pod, "containers", 0, "env") as unknown as { name: string; value?: string; valueFrom?: Data }[];
    const of = (name: string) => env.find((each) => each.name === name);
    expect(of("AI_KEY")?.valueFrom).toEqual({ secretKeyRef: { name: "thing-models", key: "OPENAI_API_KEY" } });
    expect(of("AI_MODEL")?.valueFrom).toEqual({ secretKeyRef: { name: "thing-models", key: "MODEL_LLM" } });
    expect(of("AI_CA")?.value).toBe("/etc/ssl/orrery/ca.crt");
    expect(JSON.stringify(at(pod, "volumes"))).toContain("internal-ca");
    const without = record(
      () => new Application("thing", definition, { namespaces: new Namespaces({ environment: "dev" }, {}) }),
    );
    await expect(without).rejects.toThrow(
      "thing asks the models llm, embeddings: set orrery:inference.enabled to true.",
    );
  });

  it("refuses to be without its database", async () => {
    await expect(create("no", { databases: undefined })).rejects.toThrow(
      "thing keeps its data in PostgreSQL: set orrery:services.postgres.enabled to true.",
    );
  });
});
