import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { parseSelector } from "../../hetzner/selectors";
import type { Answer } from "../extensions";
import { nodeMetrics, podMetrics } from "./figures";

const groupVersion = "metrics.k8s.io/v1beta1";
const root = `/apis/${groupVersion}`;
const verbs = ["get", "list"];

const discovery = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion,
  resources: [
    { name: "nodes", singularName: "", namespaced: false, kind: "NodeMetrics", verbs },
    { name: "pods", singularName: "", namespaced: true, kind: "PodMetrics", verbs },
  ],
};

interface Item {
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
}

/** Answers a request as metrics-server does. */
export function answer(url: URL, nodes: readonly V1Node[], pods: readonly V1Pod[], now: Date): Answer {
  if (url.pathname === root) return { status: 200, body: discovery };
  const match = /^\/apis\/metrics\.k8s\.io\/v1beta1(?:\/namespaces\/([^/]+))?\/(nodes|pods)(?:\/([^/]+))?$/.exec(
    url.pathname,
  );
  if (!match) return notFound(url.pathname);
  const [, namespace, resource, name] = match;
  const kind = resource === "nodes" ? "NodeMetrics" : "PodMetrics";
  const all: Item[] = resource === "nodes" ? nodeMetrics(nodes, pods, now) : podMetrics(pods, now);
  const here = all.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
  if (name !== undefined) {
    const found = here.find(({ metadata }) => metadata.name === name);
    return found ? { status: 200, body: { kind, apiVersion: groupVersion, ...found } } : notFound(name);
  }
  const selects = parseSelector(url.searchParams.get("labelSelector") ?? "");
  const items = here.filter(({ metadata }) => selects(metadata.labels ?? {}));
  return { status: 200, body: { kind: `${kind}List`, apiVersion: groupVersion, metadata: {}, items } };
}

function notFound(what: string): Answer {
  const message = `${what} not found`;
  return {
    status: 404,
    body: { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", message, code: 404 },
  };
}
