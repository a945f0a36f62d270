import { parseAllDocuments } from "yaml";
import { plain, type ResourceState } from "../recovery/state";

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name?: string; namespace?: string; [key: string]: unknown };
  [key: string]: unknown;
}

/** A release of the state: where its manifest is asked for. */
export interface ReleaseName {
  name: string;
  namespace: string;
}

const RELEASE = "kubernetes:helm.sh/v3:Release";

/** What must be there before, and what answers only once something runs that a bare API server has not. */
const ORDER: readonly (readonly string[])[] = [
  ["Namespace"],
  ["ServiceAccount", "Secret", "ConfigMap", "StorageClass", "PriorityClass", "LimitRange", "ResourceQuota"],
];
const LAST = ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService"];

const isManifest = (value: unknown): value is Manifest => {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<Manifest>;
  return typeof apiVersion === "string" && typeof kind === "string" && typeof metadata === "object";
};

/** Pure: the Kubernetes objects that a stack's state holds as resources of their own, as the program gave them. */
export function manifestsOf(resources: readonly ResourceState[]): Manifest[] {
  return resources
    .filter(({ type, custom }) => custom === true && type.startsWith("kubernetes:") && type !== RELEASE)
    .map(({ inputs }) => plain(inputs))
    .map((inputs) => Object.fromEntries(Object.entries(inputs ?? {}).filter(([key]) => !key.startsWith("__"))))
    .filter(isManifest);
}

export function releasesOf(resources: readonly ResourceState[]): ReleaseName[] {
  return resources
    .filter(({ type }) => type === RELEASE)
    .map(({ outputs }) => plain(outputs) as { name?: string; namespace?: string })
    .map(({ name = "", namespace = "default" }) => ({ name, namespace }));
}

/** Pure: the objects of `helm get manifest`, each in its release's namespace unless it says another. */
export function parseManifest(text: string, namespace: string, clusterScoped: ReadonlySet<string>): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as unknown)
    .filter(isManifest)
    .map((manifest) =>
      clusterScoped.has(manifest.kind) || manifest.metadata.namespace !== undefined
        ? manifest
        : { ...manifest, metadata: { ...manifest.metadata, namespace } },
    );
}

/** Pure: in an order in which one pass of `kubectl apply` takes them all; each object once, the last one wins. */
export function inOrder(manifests: readonly Manifest[]): Manifest[] {
  const rank = ({ kind }: Manifest): number => {
    const early = ORDER.findIndex((kinds) => kinds.includes(kind));
    if (early >= 0) return early;
    return LAST.includes(kind) ? ORDER.length + 1 : ORDER.length;
  };
  const once = new Map(
    manifests.map((manifest) => {
      const { apiVersion, kind, metadata } = manifest;
      return [`${apiVersion}/${kind}/${metadata.namespace ?? ""}/${metadata.name ?? ""}`, manifest];
    }),
  );
  return [...once.values()].sort((a, b) => rank(a) - rank(b));
}

/** Pure: a definition as one would write it, without what an API server adds. */
export function asWritten(definition: Manifest): Manifest {
  const { apiVersion, kind, metadata, spec } = definition;
  return { apiVersion, kind, metadata: { name: metadata.name, annotations: approvalOf(metadata) }, spec };
}

/** Groups under *.k8s.io want to see their approval. */
function approvalOf(metadata: Manifest["metadata"]): Record<string, string> | undefined {
  const approval = (metadata.annotations as Record<string, string> | undefined)?.["api-approved.kubernetes.io"];
  return approval === undefined ? undefined : { "api-approved.kubernetes.io": approval };
}
