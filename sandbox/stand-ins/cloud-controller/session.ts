import type { V1Pod, V1Secret } from "@kubernetes/client-node";
import { CloudClient, CloudError } from "../hetzner/client";
import { credentialsOf, environmentValue } from "../hetzner/credentials";
import type { Context } from "../runtime/context";
import { secrets } from "../runtime/kinds";

/** A call to the API on behalf of a workload that runs in the cluster, with that workload's own token. */
export interface Session {
  cloud: CloudClient;
  network?: string;
  pod: V1Pod;
  /** Value of another environment variable of the workload. */
  variable(name: string): string | undefined;
}

export function openSession(context: Context, image: RegExp): Session | undefined {
  const store = context.store<V1Secret>(secrets);
  const secret = (name: string, namespace: string) => store.get(name, namespace);
  for (const pod of context.workload(image)) {
    const credentials = credentialsOf(pod, secret);
    if (credentials) {
      return {
        cloud: new CloudClient(context.hetznerEndpoint, credentials.token),
        network: credentials.network,
        pod,
        variable: (name) => environmentValue(pod, name, secret),
      };
    }
  }
  return undefined;
}

/** A token that the API refuses is an event at the workload's pod, not an error of a node or a volume. */
export async function withAuthentication<T>(
  context: Context,
  session: Session,
  component: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CloudError) || error.status !== 401) throw error;
    const message = `unable to authenticate: the Hetzner Cloud API refused the token (${error.message})`;
    context.log(`${component}: ${message}`);
    const about = { apiVersion: "v1", kind: "Pod", metadata: session.pod.metadata };
    await context.cluster.event(about, "FailedAuthentication", message, "Warning", component);
    return undefined;
  }
}

/** The Secret may hold the network's id or its name. */
export async function networkId(session: Session): Promise<number | undefined> {
  if (!session.network) return undefined;
  if (/^\d+$/.test(session.network)) return Number(session.network);
  const found = await session.cloud.list<{ id: number }>("networks", { name: session.network });
  if (found.length === 0) throw new Error(`network "${session.network}" of the Secret is not in this account`);
  return found[0]!.id;
}
