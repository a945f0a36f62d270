import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { Gateway, RouteArgs } from "../../../components/kit/route";
import type { IdentityProvider, OidcClientArgs } from "../../../components/kit/sign-in";
import { plannedRoutes } from "../../../stacks/settings/routes";
import { Settings } from "../../../stacks/settings/schema";
import type { LateSystems, SystemContext } from "../../../stacks/systems";
import { createConsoles } from "../../../stacks/systems/consoles";
import { record } from "../components/recorder";

const settings = (identity: object) =>
  Settings.parse({
    environment: "dev",
    cluster: { name: "demo", domain: "demo.example.com" },
    access: { adminCidrs: ["203.0.113.7/32"] },
    identity,
  });

interface Seen {
  routes: Record<string, RouteArgs>;
  clients: Record<string, OidcClientArgs>;
}

async function consoles(identity: object): Promise<Seen> {
  const seen: Seen = { routes: {}, clients: {} };
  await record(() => {
    const ready = new pulumi.ComponentResource("test:index:Ready", "ready");
    const pods = { namespace: "gateway", labels: { app: "gateway" }, instance: "gateway" };
    const gateway: Gateway = {
      domain: "demo.example.com",
      address: pulumi.output("203.0.113.1"),
      pods,
      route: (name, args) => {
        seen.routes[name] = args;
        return { url: "", ready };
      },
      tcpRoute: () => ({ url: "", ready }),
    };
    const provider: IdentityProvider = {
      issuer: "https://auth.demo.example.com",
      client: (name, args) => {
        seen.clients[name] = args;
        const secretNamespace = args.consumer.namespace.name;
        return { issuer: "", clientId: name, secretName: name, secretNamespace, provider: pods, ready };
      },
    };
    const systems = { gateway, identity: provider } as unknown as LateSystems;
    createConsoles({ settings: settings(identity), opts: {} } as unknown as SystemContext, systems, {});
  });
  return seen;
}

describe("consoles", () => {
  it("are not exposed unless somebody asks", async () => {
    expect(await consoles({ enabled: true })).toEqual({ routes: {}, clients: {} });
    expect(plannedRoutes(settings({})).filter(({ signIn }) => signIn)).toEqual([]);
  });

  it("Hubble is exposed to those who sign in and are in a group", async () => {
    const { routes, clients } = await consoles({ enabled: true, consoles: { hubble: { host: "hubble" } } });
    expect(routes["hubble"]).toMatchObject({
      host: "hubble.demo.example.com",
      backend: { service: "hubble-ui", port: 80, podPort: 8081, namespace: { name: "kube-system" } },
      signIn: { kind: "oidc", groups: ["admins"], client: { clientId: "hubble", secretNamespace: "kube-system" } },
    });
    // It is the gateway that asks the provider, and keeps the Secret where the route is.
    expect(clients["hubble"]).toMatchObject({
      consumer: { pods: { instance: "gateway" }, namespace: { name: "kube-system" } },
      redirectUris: ["https://hubble.demo.example.com/oauth2/callback"],
      groups: ["admins"],
    });
  });

  it("are known before they are made", () => {
    const planned = plannedRoutes(settings({ enabled: true, consoles: { hubble: { host: "flows.example.org" } } }));
    expect(planned).toEqual(
      expect.arrayContaining([
        { host: "auth.demo.example.com", path: "/", setting: "identity.host", signIn: false },
        { host: "flows.example.org", path: "/", setting: "identity.consoles.hubble.host", signIn: true },
      ]),
    );
  });
});
