import { parse } from "yaml";
import type { Props, Subject } from "../framework/rule";
import { isNamespaced } from "../kubernetes/objects";
import type { ChartRequest } from "./types";

/** Helm reads YAML 1.1 without its dates and its numbers to the base of 60, and takes the last of two equal keys. */
const asHelmReads = {
  version: "1.1" as const,
  uniqueKeys: false,
  logLevel: "silent" as const,
  customTags: (tags: unknown[]) =>
    (tags as { tag?: string; format?: string }[]).filter(
      ({ tag, format }) => tag !== "tag:yaml.org,2002:timestamp" && format !== "TIME",
    ) as never,
};

/** The objects of what `helm template` prints, lists taken apart. Contents of Secrets are dropped here, at once. */
export function parseManifest(text: string): Props[] {
  return text
    .split(/^---(?=\s|$)/m)
    .map(parseDocument)
    .flatMap((document) => (document?.kind === "List" ? ((document.items ?? []) as Props[]) : [document]))
    .filter((object): object is Props => typeof object?.kind === "string" && typeof object.apiVersion === "string")
    .map(withoutWeight);
}

function parseDocument(text: string): Props | undefined {
  const body = text.replace(/^\s*(?:#.*\n\s*)*/, "");
  // JSON is YAML, and reading it as what it is takes a hundredth of the time.
  if (body.startsWith("{")) {
    try {
      return JSON.parse(body) as Props;
    } catch {
      // A flow mapping.
    }
  }
  return (parse(body, asHelmReads) ?? undefined) as Props | undefined;
}

/** Without what must not be kept (contents of Secrets), and what is large and no rule reads (schemas). */
function withoutWeight(object: Props): Props {
  const { kind, data: _data, stringData: _stringData, ...secret } = object;
  if (kind === "Secret") return { kind, ...secret };
  if (kind !== "CustomResourceDefinition") return object;
  const versions = ((object.spec?.versions ?? []) as Props[]).map(({ schema: _schema, ...version }) => version);
  return { ...object, spec: { ...object.spec, versions } };
}

/** Rendered objects as rules see them. */
export function subjectsOf(objects: readonly Props[], request: ChartRequest, urn: string): Subject[] {
  const clusterKinds = new Set(
    objects
      .filter(({ kind, spec }) => kind === "CustomResourceDefinition" && spec?.scope === "Cluster")
      .map(({ spec }) => `${spec.group}/${spec.names?.kind}`),
  );
  return objects.map((object) => {
    const { apiVersion, kind } = object as { apiVersion: string; kind: string };
    const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "core";
    const namespaced = isNamespaced(kind) && !clusterKinds.has(`${group}/${kind}`);
    const own = (object.metadata ?? {}) as Props;
    const metadata = namespaced ? { ...own, namespace: own.namespace ?? request.namespace } : own;
    return {
      type: `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`,
      name: `${request.release}/${kind}/${own.name}`,
      urn,
      props: { ...object, metadata },
      rendered: {
        release: request.release,
        object: `${kind} ${namespaced ? `${metadata.namespace}/` : ""}${own.name}`,
        hook: own.annotations?.["helm.sh/hook"] !== undefined,
      },
    };
  });
}
