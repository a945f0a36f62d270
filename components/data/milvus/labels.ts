import { images, imageVersion } from "../../kit/images";
import type { Identity, PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { serviceIdentity } from "../../kit/service";
import { COMPONENT, SOFTWARE } from "./names";

export function milvusIdentity(name: string, namespace: DomainNamespace): Identity {
  const version = imageVersion(images.milvus);
  return serviceIdentity(name, { software: SOFTWARE, component: COMPONENT, version, namespace });
}

/** All pods of a Milvus, as the operator labels them. */
export function milvusPods(name: string, namespace: string): PodIdentity {
  const labels = { "app.kubernetes.io/name": SOFTWARE, "app.kubernetes.io/instance": name };
  return { namespace, labels, instance: name };
}

/** Those that clients talk to: the proxies, or the one process that is everything. */
export function entryPods(name: string, namespace: string): PodIdentity {
  const { labels, instance } = milvusPods(name, namespace);
  return { namespace, labels: { ...labels, "milvus.io/service": "true" }, instance };
}

/** By these keys of the Secret the operator, and its pods, read the bucket's credentials. */
export const OPERATOR_KEYS = { accesskey: "AWS_ACCESS_KEY_ID", secretkey: "AWS_SECRET_ACCESS_KEY" } as const;
