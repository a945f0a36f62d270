import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Databases } from "../../kit/application";
import type { Consumer, Handle } from "../../kit/capability";
import { type GeneratedSecret, generatedSecret } from "../../kit/generated-secret";
import { images, imageVersion } from "../../kit/images";
import { type Identity, metadata } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import type { Variable } from "../../kit/pod";
import type { Gateway } from "../../kit/route";
import { consumerOf, Service } from "../../kit/service";
import type { IdentityProvider, OidcClient } from "../../kit/sign-in";
import type { Size } from "../../kit/sizes";
import { COLLECTOR } from "../collector/address";
import type { Store } from "../stores";
import { type DataSourceFacts, dataSourcesFile } from "./data-sources";
import { ADMIN_PASSWORD, SECRET_KEY } from "./environment";
import { grafanaPods } from "./pods";
import {
  type DashboardFile,
  dashboardPath,
  folderConfigMap,
  folderFiles,
  foldersOf,
  providersConfigMap,
  providersFile,
} from "./provisioning";
import { allowedGroups, type GrafanaRoles, redirectUris, signInVariables } from "./sign-in";

/** What Grafana reads: the network path to each is opened. */
export type ReadStore = Pick<Store, "ready" | "openQuery">;

export interface GrafanaArgs {
  readonly namespaces: Namespaces;
  readonly dataSources: DataSourceFacts;
  /** What is behind the data sources. */
  readonly stores: readonly ReadStore[];
  readonly dashboards: readonly DashboardFile[];
  /** uid of the dashboard that people see first. @default - Grafana's own page */
  readonly home?: string;
  /** @default 1 */
  readonly replicas?: number;
  /** @default small */
  readonly size?: Size;
  /** State that all servers share. @default - SQLite, on a directory that dies with the pod */
  readonly databases?: Databases;
  /** @default - inside the cluster only */
  readonly exposed?: GrafanaExposure;
}

export interface GrafanaExposure {
  /** Full DNS name. */
  readonly host: string;
  readonly gateway: Gateway;
  /** Who people are. @default - nobody knows: the administrator signs in with the made-up password */
  readonly signIn?: { readonly provider: IdentityProvider; readonly roles: GrafanaRoles };
}

/** Grafana, written natively: data sources and dashboards are files that come from here. */
export class Grafana extends Component {
  readonly service: Service;
  /** Where people find it; undefined inside the cluster only. */
  readonly url: string | undefined;
  /** Secret beside the server with the administrator's password under `admin-password`. */
  readonly adminSecretName: string;

  constructor(name: string, args: GrafanaArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("observability");
    super("orrery:observability:Grafana", name, after(opts, namespace));
    const about = { software: "grafana", component: "dashboards", version: imageVersion(images.grafana), namespace };
    const consumer = consumerOf(name, about);
    this.url = args.exposed && `https://${args.exposed.host}`;
    this.adminSecretName = `${name}-admin`;

    const secret = this.createSecret(consumer);
    const database = args.databases?.database("grafana", { consumer });
    const client = this.createClient(name, args.exposed, consumer);
    const files = this.createDashboards(name, consumer.identity, namespace.name, args.dashboards);
    for (const store of args.stores) store.openQuery(consumer, this);
    const pods = grafanaPods({
      ...factsOf(name, args, { database, signIn: signInOf(args.exposed, client) }),
      environment: namespace.environment,
      secretName: this.adminSecretName,
      otlp: namespace.telemetry.traces(consumer) && `${COLLECTOR.host}:${COLLECTOR.grpcPort}`,
    });
    const ready = [secret.ready, database?.ready, client?.ready, ...files, ...args.stores.map((store) => store.ready)];
    this.service = new Service(name, { ...about, ...pods }, after(this.child(), ...ready));
    this.createRoute(name, args.exposed);

    this.registerOutputs({ host: this.service.host, url: this.url, adminSecretName: this.adminSecretName });
  }

  private createSecret({ identity: owner, namespace }: Consumer): GeneratedSecret {
    const request = { owner, namespace: namespace.name, keys: [ADMIN_PASSWORD, SECRET_KEY] };
    return generatedSecret(this.adminSecretName, request, this.child());
  }

  private createClient(name: string, exposed: GrafanaExposure | undefined, consumer: Consumer): OidcClient | undefined {
    if (exposed?.signIn === undefined) return undefined;
    const { provider, roles } = exposed.signIn;
    const groups = allowedGroups(roles);
    return provider.client(name, {
      consumer,
      redirectUris: redirectUris(exposed.host),
      ...(groups.length === 0 ? {} : { groups }),
    });
  }

  /** A ConfigMap for each folder, and one that says where the folders are. */
  private createDashboards(
    name: string,
    identity: Identity,
    namespace: string,
    dashboards: readonly DashboardFile[],
  ): pulumi.Resource[] {
    const folders = foldersOf(dashboards);
    const create = (configMap: string, data: Record<string, string>) =>
      new k8s.core.v1.ConfigMap(
        configMap,
        { metadata: metadata(identity, { name: configMap, namespace }), data },
        this.child(),
      );
    return [
      create(providersConfigMap(name), { "orrery.yaml": providersFile(folders) }),
      ...folders.map((folder) => create(folderConfigMap(name, folder), folderFiles(folder, dashboards))),
    ];
  }

  /** Answers may take as long as the query behind them, and live ones last. */
  private createRoute(name: string, exposed: GrafanaExposure | undefined): void {
    if (exposed === undefined) return;
    const { host, gateway } = exposed;
    gateway.route(name, { host, backend: this.service.backend("http"), timeoutSeconds: 0 }, this.child());
  }
}

function factsOf(
  name: string,
  { dataSources, dashboards, home, replicas = 1, size = "small", exposed }: GrafanaArgs,
  made: { readonly database?: Handle; readonly signIn: Record<string, Variable> },
) {
  const first = dashboards.find(({ uid }) => uid === home);
  return {
    ...made,
    name,
    size,
    replicas,
    dataSources: dataSourcesFile(dataSources),
    folders: foldersOf(dashboards),
    host: exposed?.host,
    homeDashboard: first && dashboardPath(first),
  };
}

function signInOf(exposed: GrafanaExposure | undefined, client: OidcClient | undefined): Record<string, Variable> {
  return exposed?.signIn === undefined || client === undefined
    ? {}
    : signInVariables(client, exposed.host, exposed.signIn.roles);
}
