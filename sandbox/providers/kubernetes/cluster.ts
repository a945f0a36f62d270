import { ApiClient } from "./client";
import type { ProviderSettings } from "./config";
import { Discovery } from "./discovery";
import { type ClusterAccess, readAccess } from "./kubeconfig";
import { ObjectsApi } from "./objects-api";

const VERSION = "4.34.2";
const USER_AGENT = `pulumi-kubernetes/${VERSION}`;

/** A provider's connection to its cluster. */
export interface Cluster {
  access: ClusterAccess;
  client: ApiClient;
  discovery: Discovery;
  objects: ObjectsApi;
  /** Namespace of objects that name none: the provider's, then the context's, then `default`. */
  namespace: string;
}

/** The cluster, or why there is none to talk to. */
export type Connection = { cluster: Cluster; unreachable?: undefined } | { cluster?: undefined; unreachable: string };

/** Connects, and asks once whether anybody answers and knows us. */
export async function connect(settings: ProviderSettings): Promise<Connection> {
  let access: ClusterAccess;
  try {
    access = readAccess(settings.access);
  } catch (error) {
    return {
      unreachable: `failed to parse kubeconfig data in \`kubernetes:config:kubeconfig\`- ${(error as Error).message}`,
    };
  }
  const client = new ApiClient(access, settings.client, USER_AGENT);
  const discovery = new Discovery(client);
  try {
    await client.request({ method: "GET", path: "/api/v1", attempts: 4 });
  } catch (error) {
    client.close();
    return { unreachable: `unable to load schema information from the API server: ${(error as Error).message}` };
  }
  return {
    cluster: {
      access,
      client,
      discovery,
      objects: new ObjectsApi(client, discovery, !settings.suppressDeprecationWarnings),
      namespace: settings.namespace ?? access.namespace ?? "default",
    },
  };
}
