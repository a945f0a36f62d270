import { type Answer, type Call, type Connection, callApi } from "../../kit/kubernetes-api";

/** Claims, their volumes and the pods that use them, for the scripts that let data go. */

const REQUEST_TIMEOUT_SECONDS = 30;

/** As far as the scripts look at a PersistentVolume. */
export interface Volume {
  metadata: { name: string; annotations?: Record<string, string>; deletionTimestamp?: string };
  spec: {
    persistentVolumeReclaimPolicy?: string;
    claimRef?: { namespace?: string; name?: string };
    csi?: { volumeHandle?: string };
  };
  status?: { phase?: string };
}

/** As far as the scripts look at a PersistentVolumeClaim. */
export interface Claim {
  metadata: { namespace: string; name: string; deletionTimestamp?: string };
}

/** As far as the scripts look at a Pod. */
export interface Pod {
  metadata: { namespace: string; name: string };
  spec: { volumes?: { persistentVolumeClaim?: { claimName: string } }[] };
  status?: { phase?: string };
}

export interface VolumesApi {
  volumes(): Promise<Volume[]>;
  /** Of one namespace; none where there is no such namespace. */
  claims(namespace: string): Promise<Claim[]>;
  pods(namespace: string): Promise<Pod[]>;
  /** Starts it; a claim that a pod uses goes when the pod does. */
  deleteClaim(claim: Claim): Promise<void>;
  /** From now on the volume goes with its claim; one whose claim is gone goes at once. */
  releaseVolume(volume: Volume): Promise<void>;
}

export function volumesApi(connection: Connection): VolumesApi {
  const call = async (request: Omit<Call, "timeoutSeconds">, accept: readonly number[]): Promise<Answer> => {
    const answer = await callApi(connection, { ...request, timeoutSeconds: REQUEST_TIMEOUT_SECONDS });
    if (!accept.includes(answer.status)) {
      throw new Error(`${request.method ?? "GET"} ${request.path}: ${answer.status} ${answer.body.slice(0, 200)}`);
    }
    return answer;
  };
  const list = async <T>(path: string): Promise<T[]> =>
    (JSON.parse((await call({ path }, [200])).body) as { items: T[] }).items;
  const within = (namespace: string) => `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
  return {
    volumes: () => list("/api/v1/persistentvolumes"),
    claims: (namespace) => list(`${within(namespace)}/persistentvolumeclaims`),
    pods: (namespace) => list(`${within(namespace)}/pods`),
    deleteClaim: async ({ metadata: { namespace, name } }) => {
      const path = `${within(namespace)}/persistentvolumeclaims/${encodeURIComponent(name)}`;
      await call({ method: "DELETE", path }, [200, 202, 404]);
    },
    releaseVolume: async ({ metadata: { name } }) => {
      const path = `/api/v1/persistentvolumes/${encodeURIComponent(name)}`;
      const merge = JSON.stringify({ spec: { persistentVolumeReclaimPolicy: "Delete" } });
      await call({ method: "PATCH", path, merge }, [200, 404]);
    },
  };
}

/** Which claims and volumes are to go. */
export interface Doomed {
  readonly namespaces: readonly string[];
  claim(claim: Claim): boolean;
  volume(volume: Volume): boolean;
}

export interface Left {
  claims: Claim[];
  volumes: Volume[];
}

/**
 * Has the volumes go with their claims from now on, then deletes the claims. Done again, it does what is still to do.
 * Resolves with what was there.
 */
export async function letGo(api: VolumesApi, doomed: Doomed): Promise<Left> {
  const volumes = (await api.volumes()).filter((volume) => doomed.volume(volume));
  const claims = (await Promise.all(doomed.namespaces.map((namespace) => api.claims(namespace))))
    .flat()
    .filter((claim) => doomed.claim(claim));
  const kept = volumes.filter(({ spec }) => spec.persistentVolumeReclaimPolicy !== "Delete");
  for (const volume of kept) await api.releaseVolume(volume);
  const alive = claims.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  for (const claim of alive) await api.deleteClaim(claim);
  return { claims, volumes };
}

/** `namespace/name` of a claim -> the pods that use it. Pods that have come to their end hold nothing. */
export function usersOf(pods: readonly Pod[]): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const { metadata, spec, status } of pods) {
    if (status?.phase === "Succeeded" || status?.phase === "Failed") continue;
    for (const { persistentVolumeClaim } of spec.volumes ?? []) {
      if (persistentVolumeClaim === undefined) continue;
      const key = `${metadata.namespace}/${persistentVolumeClaim.claimName}`;
      users.set(key, [...(users.get(key) ?? []), metadata.name]);
    }
  }
  return users;
}
