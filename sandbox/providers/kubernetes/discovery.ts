import { isMap } from "../framework";
import type { ApiClient } from "./client";
import { ApiError, UnknownKindError } from "./errors";
import { apiVersionOf, type GroupVersionKind, list, text } from "./objects";

export interface ApiResource {
  /** As in paths, e.g. `deployments`. */
  plural: string;
  namespaced: boolean;
}

/** A kind that was not there is asked for again after this time: its CRD may have come in between. */
const MISS_TTL_MS = 500;

/** Cluster-scoped kinds of Kubernetes itself, for when no API server can be asked. */
const CLUSTER_SCOPED = new Set([
  "APIService",
  "CertificateSigningRequest",
  "ClusterRole",
  "ClusterRoleBinding",
  "ClusterTrustBundle",
  "CSIDriver",
  "CSINode",
  "CustomResourceDefinition",
  "DeviceClass",
  "FlowSchema",
  "IngressClass",
  "IPAddress",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "PriorityLevelConfiguration",
  "ResourceSlice",
  "RuntimeClass",
  "ServiceCIDR",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
  "VolumeAttachment",
  "VolumeAttributesClass",
]);

/** Which kinds the API server has, and how their paths go. Asked for each group and version once, when needed. */
export class Discovery {
  private readonly cache = new Map<string, { resources: Promise<Map<string, ApiResource>>; atMs: number }>();

  constructor(private readonly client: ApiClient) {}

  /** Throws UnknownKindError where the server has no such kind. */
  async find(gvk: GroupVersionKind): Promise<ApiResource> {
    const apiVersion = apiVersionOf(gvk);
    const known = (await this.resources(apiVersion)).get(gvk.kind);
    if (known !== undefined) {
      return known;
    }
    if (Date.now() - (this.cache.get(apiVersion)?.atMs ?? 0) > MISS_TTL_MS) {
      this.cache.delete(apiVersion);
      const found = (await this.resources(apiVersion)).get(gvk.kind);
      if (found !== undefined) {
        return found;
      }
    }
    throw new UnknownKindError(apiVersion, gvk.kind);
  }

  async exists(gvk: GroupVersionKind): Promise<boolean> {
    try {
      await this.find(gvk);
      return true;
    } catch (error) {
      if (error instanceof UnknownKindError) {
        return false;
      }
      throw error;
    }
  }

  /** A custom kind that the server does not have yet is taken as namespaced; its creation corrects that. */
  async isNamespaced(gvk: GroupVersionKind): Promise<boolean> {
    try {
      return (await this.find(gvk)).namespaced;
    } catch (error) {
      if (error instanceof UnknownKindError) {
        return isNamespacedByName(gvk);
      }
      throw error;
    }
  }

  /** Path of an object, or of its collection when the name is empty. */
  async path(gvk: GroupVersionKind, namespace: string, name: string): Promise<string> {
    const { plural, namespaced } = await this.find(gvk);
    const base = gvk.group === "" ? `/api/${gvk.version}` : `/apis/${gvk.group}/${gvk.version}`;
    const scope = namespaced ? `/namespaces/${encodeURIComponent(namespace || "default")}` : "";
    return `${base}${scope}/${plural}${name === "" ? "" : `/${encodeURIComponent(name)}`}`;
  }

  /** Forgets what was learned: a CustomResourceDefinition came or went. */
  reset(): void {
    this.cache.clear();
  }

  private resources(apiVersion: string): Promise<Map<string, ApiResource>> {
    let entry = this.cache.get(apiVersion);
    if (entry === undefined) {
      entry = { resources: this.load(apiVersion), atMs: Date.now() };
      this.cache.set(apiVersion, entry);
      entry.resources.catch(() => this.cache.delete(apiVersion));
    }
    return entry.resources;
  }

  private async load(apiVersion: string): Promise<Map<string, ApiResource>> {
    const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    try {
      const { object } = await this.client.request({ method: "GET", path });
      return new Map(
        list(object, "resources")
          .filter((entry) => isMap(entry) && !text(entry, "name").includes("/"))
          .map((entry) => [
            text(entry, "kind"),
            { plural: text(entry, "name"), namespaced: isMap(entry) && entry["namespaced"] === true },
          ]),
      );
    } catch (error) {
      if (error instanceof ApiError && error.isNotFound) {
        return new Map();
      }
      throw error;
    }
  }
}

/** Whether a kind is namespaced, by Kubernetes' own list. */
export function isNamespacedByName(gvk: GroupVersionKind): boolean {
  const builtIn = !gvk.group.includes(".") || gvk.group.endsWith(".k8s.io");
  return !(builtIn && CLUSTER_SCOPED.has(gvk.kind));
}
