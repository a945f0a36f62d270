import { setTimeout as sleep } from "node:timers/promises";
import type { CoreV1Api } from "@kubernetes/client-node";
import type { Answer, ReleaseRecord } from "./plan";
import { plain, type ResourceState } from "./state";

/** A cluster that just came up, or an API server behind a load balancer, may need a moment. */
const REACH_MS = 30_000;

/** The kubeconfig of the provider that a resource names as `<URN>::<id>`; from an export with its secrets shown. */
export function kubeconfigOf(provider: string, resources: readonly ResourceState[]): string | undefined {
  const urn = provider.split("::").slice(0, -1).join("::");
  const kubeconfig = plain(resources.find((resource) => resource.urn === urn)?.inputs?.kubeconfig);
  return typeof kubeconfig === "string" && kubeconfig !== "" ? kubeconfig : undefined;
}

/** Helm's records of one release: Secrets `sh.helm.release.v1.<name>.v<revision>`, their status in a label. */
export class Releases {
  private constructor(private readonly core: CoreV1Api) {}

  /** The client library is read here, and not with this file: almost no run has a release to look for. */
  static async of(kubeconfig: string): Promise<Releases> {
    const { CoreV1Api, KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    return new Releases(config.makeApiClient(CoreV1Api));
  }

  async find(namespace: string, name: string): Promise<Answer> {
    const labelSelector = `owner=helm,name=${name}`;
    for (const deadline = Date.now() + REACH_MS; ; await sleep(1_000)) {
      try {
        const { items } = await this.core.listNamespacedSecret({ namespace, labelSelector });
        const records = items.map(
          ({ metadata }): ReleaseRecord => ({
            secret: metadata?.name ?? "",
            revision: Number(metadata?.labels?.version ?? 0),
            status: metadata?.labels?.status ?? "",
          }),
        );
        return { found: "release", records: records.sort((a, b) => a.revision - b.revision) };
      } catch (error) {
        if (Date.now() < deadline) continue;
        const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
        return { found: "unknown", reason: `the cluster did not answer (${reason})` };
      }
    }
  }

  async deleteRecord(namespace: string, name: string): Promise<void> {
    await this.core.deleteNamespacedSecret({ namespace, name });
  }
}
