import type { Claim, Pod, Volume, VolumesApi } from "../../../../../components/platform/storage/volumes-api";

/** Claims, volumes and pods in memory: a volume goes when its claim is gone and it is to, a claim when no pod holds it. */
export class FakeVolumes implements VolumesApi {
  readonly held = new Set<string>();
  readonly log: string[] = [];
  /** The next calls fail with these. */
  readonly failures: string[] = [];
  private readonly claimsThere = new Map<string, Claim>();
  private readonly volumesThere = new Map<string, Volume>();

  /** A claim with its volume; without `claim` the volume is all that is left of it. */
  add(key: string, { claim = true, policy = "Retain", by = "csi.hetzner.cloud", annotations = {} } = {}): void {
    const [namespace = "", name = ""] = key.split("/");
    if (claim) this.claimsThere.set(key, { metadata: { namespace, name } });
    this.volumesThere.set(key, {
      metadata: { name: `volume-${name}`, annotations: { "pv.kubernetes.io/provisioned-by": by, ...annotations } },
      spec: { persistentVolumeReclaimPolicy: policy, claimRef: { namespace, name } },
      status: { phase: claim ? "Bound" : "Released" },
    });
  }

  /** Keys of what is there: claims, then volumes. */
  left(): { claims: string[]; volumes: string[] } {
    return { claims: [...this.claimsThere.keys()], volumes: [...this.volumesThere.keys()] };
  }

  async volumes(): Promise<Volume[]> {
    const failure = this.failures.shift();
    if (failure !== undefined) throw new Error(failure);
    this.settle();
    return [...this.volumesThere.values()];
  }

  async claims(namespace: string): Promise<Claim[]> {
    return [...this.claimsThere.values()].filter(({ metadata }) => metadata.namespace === namespace);
  }

  async pods(namespace: string): Promise<Pod[]> {
    return [...this.held]
      .map((key) => key.split("/"))
      .filter(([where]) => where === namespace)
      .map(([, claimName = ""]) => ({
        metadata: { namespace, name: `pod-of-${claimName}` },
        spec: { volumes: [{ persistentVolumeClaim: { claimName } }] },
        status: { phase: "Running" },
      }));
  }

  async deleteClaim({ metadata }: Claim): Promise<void> {
    this.log.push(`delete ${metadata.namespace}/${metadata.name}`);
    metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
  }

  async releaseVolume(volume: Volume): Promise<void> {
    this.log.push(`release ${volume.metadata.name}`);
    volume.spec.persistentVolumeReclaimPolicy = "Delete";
  }

  private settle(): void {
    for (const [key, { metadata }] of this.claimsThere) {
      if (metadata.deletionTimestamp !== undefined && !this.held.has(key)) this.claimsThere.delete(key);
    }
    for (const [key, { spec }] of this.volumesThere) {
      if (!this.claimsThere.has(key) && spec.persistentVolumeReclaimPolicy === "Delete") this.volumesThere.delete(key);
    }
  }
}
