import type * as pulumi from "@pulumi/pulumi";
import type { ApplicationName } from "../components/apps";
import { Postgres, Qdrant } from "../components/data";
import type { RouteHandle } from "../components/kit/route";
import { durableClass, type Platform } from "../components/platform";
import type { Settings } from "./settings";
import { BACKUP_BUCKETS } from "./settings/backups";
import { fullHost } from "./settings/routes";
import type { Systems } from "./systems";

/** Where a Secret is. Its content never leaves the cluster by way of an output. */
export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
}

/** How to reach something that a service offers. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly secret?: SecretReference;
}

/** What a service says about itself in the stack's outputs. */
export interface ServiceOutputs extends Connection {
  /** Where people find it, when it is exposed. */
  readonly url?: string;
  /** Databases declared in the settings, by name. */
  readonly databases?: Readonly<Record<string, Connection>>;
}

type Services = Settings["services"];
/** Services that offer capabilities; applications, which take them, come later: applications.ts. */
export type ServiceName = Exclude<keyof Services, ApplicationName>;

interface CreateArgs<Name extends ServiceName> {
  readonly settings: Services[Name];
  readonly platform: Platform;
  readonly systems: Systems;
  readonly opts: pulumi.ComponentResourceOptions;
}

export interface CatalogEntry<Name extends ServiceName> {
  readonly description: string;
  readonly create: (args: CreateArgs<Name>) => Made<Name>;
}

/** Services of which other parts of the program take capabilities, not only their users. */
interface Components {
  readonly postgres: Postgres;
  readonly qdrant: Qdrant;
}

interface Made<Name extends ServiceName> {
  readonly component: Components[Name];
  readonly outputs: ServiceOutputs;
}

export interface CreatedServices {
  readonly components: { readonly [Name in ServiceName]?: Components[Name] };
  /** How to reach each. */
  readonly outputs: Partial<Record<ServiceName, ServiceOutputs>>;
}

/** Every service that can be switched on, and how it is made. */
export const catalog: { readonly [Name in ServiceName]: CatalogEntry<Name> } = {
  postgres: {
    description: "PostgreSQL with pgvector, by CloudNativePG",
    create: createPostgres,
  },
  qdrant: {
    description: "Qdrant, the vector database",
    create: createQdrant,
  },
};

/** Makes the services that the settings switch on. */
export function createServices(
  settings: Settings,
  platform: Platform,
  systems: Systems,
  opts: pulumi.ComponentResourceOptions,
): CreatedServices {
  const made = serviceNames()
    .filter((name) => settings.services[name].enabled)
    .map((name) => [name, createService(name, settings, platform, systems, opts)] as const);
  return {
    components: Object.fromEntries(made.map(([name, { component }]) => [name, component])),
    outputs: Object.fromEntries(made.map(([name, { outputs }]) => [name, outputs])),
  };
}

export function serviceNames(): ServiceName[] {
  return Object.keys(catalog) as ServiceName[];
}

function createService<Name extends ServiceName>(
  name: Name,
  settings: Settings,
  platform: Platform,
  systems: Systems,
  opts: pulumi.ComponentResourceOptions,
): Made<Name> {
  return catalog[name].create({ settings: settings.services[name], platform, systems, opts });
}

function createPostgres({ settings, platform, systems, opts }: CreateArgs<"postgres">): Made<"postgres"> {
  const postgres = new Postgres(
    "postgres",
    {
      charts: platform.charts,
      namespaces: platform.namespaces,
      instances: settings.instances,
      storageGiB: settings.storageGiB,
      storageClass: durableClass(platform.storage),
      size: settings.size,
      backup: postgresBackup(settings.backup, systems),
    },
    opts,
  );
  const databases = settings.databases.map(({ name, extensions }) => postgres.database(name, { extensions }));
  const port = settings.gatewayPort;
  if (port !== undefined) {
    systems.gateway?.tcpRoute("postgres", { port, backend: postgres.backend() }, { dependsOn: [postgres] });
  }
  const outputs = {
    host: postgres.host,
    port: postgres.port,
    databases: Object.fromEntries(
      databases.map(({ database, host, port, secretNamespace, secretName }) => [
        database,
        { host, port, secret: { namespace: secretNamespace, name: secretName } },
      ]),
    ),
  };
  return { component: postgres, outputs };
}

/** Rules have seen to it that there is a store where backups are switched on. */
function postgresBackup({ enabled, ...backup }: Services["postgres"]["backup"], { backups, certificates }: Systems) {
  return enabled && backups !== undefined
    ? { ...backup, objects: backups, certificates, bucket: BACKUP_BUCKETS.postgres }
    : undefined;
}

function createQdrant({ settings, platform, systems, opts }: CreateArgs<"qdrant">): Made<"qdrant"> {
  const qdrant = new Qdrant(
    "qdrant",
    {
      namespaces: platform.namespaces,
      replicas: settings.replicas,
      storageGiB: settings.storageGiB,
      storageClass: durableClass(platform.storage),
      size: settings.size,
    },
    opts,
  );
  const { host, port, secretNamespace: namespace, secretName } = qdrant;
  const route = settings.host === undefined ? undefined : exposeQdrant(qdrant, settings.host, systems);
  return {
    component: qdrant,
    outputs: { host, port, secret: { namespace, name: secretName }, ...(route && { url: route.url }) },
  };
}

/** Clients show the API key; a search over a large collection takes its time. */
function exposeQdrant(qdrant: Qdrant, host: string, { gateway }: Systems): RouteHandle | undefined {
  return gateway?.route(
    "qdrant",
    { host: fullHost(host, gateway.domain), backend: qdrant.service.backend("http"), timeoutSeconds: 300 },
    { dependsOn: [qdrant] },
  );
}
