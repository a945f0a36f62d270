import type { Manifest } from "./manifests";

const FIELD_MANAGER = "talos";

/** Loaded when a cluster is bootstrapped: the client is large, and a daemon without a cluster has no use for it. */
export const loadClient = () => import("@kubernetes/client-node");

/** Applies manifests server-side, in order; one that fails is reported and does not keep the others back. */
export async function applyManifests(
  kubeconfigFile: string,
  manifests: Manifest[],
  failed: (what: string) => void,
): Promise<void> {
  const { KubeConfig, KubernetesObjectApi, PatchStrategy } = await loadClient();
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigFile);
  const api = KubernetesObjectApi.makeApiClient(config);
  for (const manifest of manifests) {
    try {
      await api.patch(manifest, undefined, undefined, FIELD_MANAGER, true, PatchStrategy.ServerSideApply);
    } catch (error) {
      failed(`${manifest.kind} ${manifest.metadata?.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
}
