import * as pulumi from "@pulumi/pulumi";
import { Postgres } from "../../../../../components/data/postgres";
import { Namespaces } from "../../../../../components/kit/namespace";
import type { Gateway, RouteArgs } from "../../../../../components/kit/route";
import { consumerOf } from "../../../../../components/kit/service";
import type { IdentityProvider } from "../../../../../components/kit/sign-in";
import { Authentik, Keycloak } from "../../../../../components/platform/identity";
import { type Recorder, record } from "../../recorder";

export interface Made {
  readonly made: Recorder;
  readonly routes: Readonly<Record<string, RouteArgs>>;
}

export type Use = (provider: IdentityProvider, namespaces: Namespaces) => void;

/** A provider with what it stands on, and a gateway that only writes its routes down. */
export async function create(kind: "keycloak" | "authentik", use: Use = () => {}, replicas = 2): Promise<Made> {
  const routes: Record<string, RouteArgs> = {};
  const made = await record(() => {
    const namespaces = new Namespaces({ environment: "prod" }, {});
    const postgres = new Postgres("postgres", {
      charts: {},
      namespaces,
      storageGiB: 10,
      storageClass: "hcloud-volumes",
    });
    const gateway: Gateway = {
      domain: "example.com",
      address: pulumi.output("203.0.113.1"),
      pods: { namespace: "gateway", labels: { app: "gateway" }, instance: "gateway" },
      route: (name, args) => {
        routes[name] = args;
        return { url: `https://${args.host}`, ready: postgres };
      },
      tcpRoute: () => {
        throw new Error("no TCP here");
      },
    };
    const args = { namespaces, postgres, gateway, host: "auth.example.com", replicas };
    const provider =
      kind === "keycloak"
        ? new Keycloak("keycloak", { ...args, realm: "orrery" })
        : new Authentik("authentik", { ...args, adminEmail: "admin@example.com" });
    use(provider, namespaces);
  });
  return { made, routes };
}

/** A client of a service in another namespace. */
export const grafana: Use = (provider, namespaces) => {
  provider.client("grafana", {
    consumer: consumerOf("grafana", {
      software: "grafana",
      component: "dashboards",
      namespace: namespaces.get("observability"),
    }),
    redirectUris: ["https://grafana.example.com/login/generic_oauth"],
    groups: ["admins"],
  });
};
