import {
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
  StorageV1Api,
  setHeaderOptions,
} from "@kubernetes/client-node";
import { statusCode } from "./errors";

/** Kinds that the stand-ins watch: API version, plural and whether the API server serves them without an operator. */
export interface Kind {
  apiVersion: string;
  kind: string;
  plural: string;
}

const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** The API server, as the stand-ins' pods would talk to it. */
export class Cluster {
  readonly core: CoreV1Api;
  readonly storage: StorageV1Api;
  private readonly custom: CustomObjectsApi;
  private readonly objects: KubernetesObjectApi;
  private readonly saidEvents = new Set<string>();

  constructor(readonly config: KubeConfig) {
    this.core = config.makeApiClient(CoreV1Api);
    this.storage = config.makeApiClient(StorageV1Api);
    this.custom = config.makeApiClient(CustomObjectsApi);
    this.objects = KubernetesObjectApi.makeApiClient(config);
  }

  /** @param kubeconfig a path, or the text itself */
  static connect(kubeconfig: string): Cluster {
    const config = new KubeConfig();
    if (/^\s*[{]|\n|apiVersion:/.test(kubeconfig)) config.loadFromString(kubeconfig);
    else config.loadFromFile(kubeconfig);
    return new Cluster(config);
  }

  list<T extends KubernetesObject>({ apiVersion, kind, plural }: Kind): Promise<KubernetesListObject<T>> {
    const [group, version] = apiVersion.split("/");
    if (version === undefined || !group!.includes(".") || group!.endsWith(".k8s.io")) {
      return this.objects.list<T>(apiVersion, kind);
    }
    // Custom resources without discovery: the client caches a group's kinds, and operators add more of them later.
    return this.custom.listClusterCustomObject({ group: group!, version, plural }) as Promise<KubernetesListObject<T>>;
  }

  /** Server-side apply; takes over fields that somebody else set, as controllers do with what they own. */
  apply<T extends KubernetesObject>(object: T, fieldManager: string): Promise<T> {
    return this.objects.patch(object, undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply);
  }

  merge(object: KubernetesObject): Promise<KubernetesObject> {
    return this.objects.patch(object, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch);
  }

  /** False when it was there already. */
  async create(object: KubernetesObject): Promise<boolean> {
    try {
      if (object.kind === "CustomResourceDefinition") await this.createDefinition(object);
      else await this.objects.create(object);
      return true;
    } catch (error) {
      if (statusCode(error) === 409) return false;
      throw error;
    }
  }

  /** Sent as it is: the typed client knows a definition's schema under other names and drops `x-kubernetes-...`. */
  private async createDefinition(body: KubernetesObject): Promise<void> {
    const [group, version] = body.apiVersion!.split("/");
    await this.custom.createClusterCustomObject({
      group: group!,
      version: version!,
      plural: "customresourcedefinitions",
      body,
    });
  }

  async read<T extends KubernetesObject>(
    object: Pick<T, "apiVersion" | "kind"> & { metadata: { name: string; namespace?: string } },
  ): Promise<T | undefined> {
    try {
      return await this.objects.read<T>(object);
    } catch (error) {
      if (statusCode(error) === 404) return undefined;
      throw error;
    }
  }

  async delete(object: KubernetesObject): Promise<void> {
    try {
      await this.objects.delete(object);
    } catch (error) {
      if (statusCode(error) !== 404) throw error;
    }
  }

  patchNodeStatus(name: string, status: object): Promise<unknown> {
    return this.core.patchNodeStatus({ name, body: { status } }, mergePatch);
  }

  patchPodStatus(pod: KubernetesObject, status: object): Promise<unknown> {
    const { name, namespace, resourceVersion } = pod.metadata!;
    const body = { metadata: { resourceVersion }, status };
    return this.core.patchNamespacedPodStatus({ name: name!, namespace: namespace!, body }, mergePatch);
  }

  patchServiceStatus(namespace: string, name: string, status: object): Promise<unknown> {
    return this.core.patchNamespacedServiceStatus({ namespace, name, body: { status } }, mergePatch);
  }

  patchClaimStatus(namespace: string, name: string, status: object): Promise<unknown> {
    return this.core.patchNamespacedPersistentVolumeClaimStatus({ namespace, name, body: { status } }, mergePatch);
  }

  patchAttachmentStatus(name: string, status: object): Promise<unknown> {
    return this.storage.patchVolumeAttachmentStatus({ name, body: { status } }, mergePatch);
  }

  /** Of a custom resource. */
  async patchStatus(kind: Kind, object: KubernetesObject, status: object): Promise<void> {
    const [group, version] = kind.apiVersion.split("/") as [string, string];
    const at = { group, version, plural: kind.plural, name: object.metadata!.name!, body: { status } };
    const namespace = object.metadata!.namespace;
    try {
      if (namespace) await this.custom.patchNamespacedCustomObjectStatus({ ...at, namespace }, mergePatch);
      else await this.custom.patchClusterCustomObjectStatus(at, mergePatch);
    } catch (error) {
      // Some kinds (Velero's) have a status, and no subresource for it.
      if (statusCode(error) !== 404) throw error;
      if (namespace) await this.custom.patchNamespacedCustomObject({ ...at, namespace }, mergePatch);
      else await this.custom.patchClusterCustomObject(at, mergePatch);
    }
  }

  /** Says each thing once for each object. */
  async event(about: KubernetesObject, reason: string, message: string, type: "Normal" | "Warning", component: string) {
    const key = [about.kind, about.metadata?.uid ?? about.metadata?.name, reason, message].join("\0");
    if (this.saidEvents.has(key)) return;
    this.saidEvents.add(key);
    const namespace = about.metadata?.namespace ?? "default";
    const now = new Date();
    await this.core.createNamespacedEvent({
      namespace,
      body: {
        metadata: { generateName: `${about.metadata?.name}.`, namespace },
        involvedObject: {
          apiVersion: about.apiVersion,
          kind: about.kind,
          name: about.metadata?.name,
          namespace: about.metadata?.namespace,
          uid: about.metadata?.uid,
        },
        reason,
        message,
        type,
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
        source: { component },
      },
    });
  }
}
