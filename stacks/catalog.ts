import type * as pulumi from "@pulumi/pulumi";
import { Postgres, Qdrant } from "../components/data";
import { durableClass, type Platform } from "../components/platform";
import type { Settings } from "./settings";

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
  /** Databases declared in the settings, by name. */
  readonly databases?: Readonly<Record<string, Connection>>;
}

type Services = Settings["services"];
export type ServiceName = keyof Services;

interface CreateArgs<Name extends ServiceName> {
  readonly settings: Services[Name];
  readonly platform: Platform;
  readonly opts: pulumi.ComponentResourceOptions;
}

export interface CatalogEntry<Name extends ServiceName> {
  readonly description: string;
  /** Services that must be switched on as well. */
  readonly needs: readonly ServiceName[];
  readonly create: (args: CreateArgs<Name>) => ServiceOutputs;
}

/** Every service that can be switched on, what it needs, and how it is made. */
export const catalog: { readonly [Name in ServiceName]: CatalogEntry<Name> } = {
  postgres: {
    description: "PostgreSQL with pgvector, by CloudNativePG",
    needs: [],
    create: createPostgres,
  },
  qdrant: {
    description: "Qdrant, the vector database",
    needs: [],
    create: createQdrant,
  },
};

/** Makes the services that the settings switch on; returns how to reach each. */
export function createServices(
  settings: Settings,
  platform: Platform,
  opts: pulumi.ComponentResourceOptions,
): Partial<Record<ServiceName, ServiceOutputs>> {
  checkNeeds(settings.services);
  const outputs: Partial<Record<ServiceName, ServiceOutputs>> = {};
  for (const name of serviceNames()) {
    if (settings.services[name].enabled) {
      outputs[name] = createService(name, settings, platform, opts);
    }
  }
  return outputs;
}

export function serviceNames(): ServiceName[] {
  return Object.keys(catalog) as ServiceName[];
}

function createService<Name extends ServiceName>(
  name: Name,
  settings: Settings,
  platform: Platform,
  opts: pulumi.ComponentResourceOptions,
): ServiceOutputs {
  return catalog[name].create({ settings: settings.services[name], platform, opts });
}

/** Every service whose needs are switched off, all at once. */
function checkNeeds(services: Services): void {
  const problems = serviceNames().flatMap((name) =>
    services[name].enabled
      ? catalog[name].needs
          .filter((need) => !services[need].enabled)
          .map((need) => `services.${name} needs services.${need}: set services.${need}.enabled to true`)
      : [],
  );
  if (problems.length > 0) {
    throw new Error(problems.join("\n"));
  }
}

function createPostgres({ settings, platform, opts }: CreateArgs<"postgres">): ServiceOutputs {
  const postgres = new Postgres(
    "postgres",
    {
      charts: platform.charts,
      namespaces: platform.namespaces,
      instances: settings.instances,
      storageGiB: settings.storageGiB,
      storageClass: durableClass(platform.storage),
      size: settings.size,
    },
    opts,
  );
  const databases = settings.databases.map(({ name, extensions }) => postgres.database(name, { extensions }));
  return {
    host: postgres.host,
    port: postgres.port,
    databases: Object.fromEntries(
      databases.map(({ database, host, port, secretNamespace, secretName }) => [
        database,
        { host, port, secret: { namespace: secretNamespace, name: secretName } },
      ]),
    ),
  };
}

function createQdrant({ settings, platform, opts }: CreateArgs<"qdrant">): ServiceOutputs {
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
  return {
    host: qdrant.host,
    port: qdrant.port,
    secret: { namespace: qdrant.secretNamespace, name: qdrant.secretName },
  };
}
