import type * as pulumi from "@pulumi/pulumi";
import type { BucketHandle } from "../../kit/bucket";
import type { Identity, PodIdentity } from "../../kit/labels";
import { openPath, openPeers, openWorld } from "../../kit/network-policy";
import type { Operator } from "../../kit/operator";
import { COLLECTIONS_COMPONENT } from "./collections";
import type { MilvusEtcd } from "./etcd";
import { PEER_PORTS, REST_PORT, SOFTWARE } from "./names";
import type { MilvusServer } from "./server";

export interface MilvusPathsArgs {
  readonly pods: PodIdentity;
  readonly operator: Operator;
  readonly etcd: MilvusEtcd;
  readonly bucket: BucketHandle;
  readonly several: boolean;
}

/** Before the pods: the paths of Milvus, but for the one to its bucket, which comes with the bucket. */
export function openMilvusPaths(
  { name, identity, namespace, entry }: MilvusServer,
  { pods, operator, etcd, bucket, several }: MilvusPathsArgs,
  parent: pulumi.Resource,
): void {
  const opts = { parent, dependsOn: [namespace, operator.namespace] };
  etcd.open({ identity, pods, namespace }, parent);
  // The operator asks whether etcd and the store answer before it says that they are ready.
  etcd.open(operator, parent);
  openStore(`${name}-operator-store`, operator, bucket, opts);
  if (several) {
    const ports = Object.entries(PEER_PORTS).map(([part, port]) => ({ name: part, port }));
    openPeers(`${name}-peers`, { pods, ports, owner: identity }, opts);
  }
  openPath(
    `${name}-collections-jobs`,
    { from: collectionsJobs(namespace.name), to: entry, ports: [{ name: "http", port: REST_PORT }], owner: identity },
    opts,
  );
}

/** The Jobs of all consumers' databases: one path for them together. */
function collectionsJobs(namespace: string): PodIdentity {
  return {
    namespace,
    labels: { "app.kubernetes.io/name": SOFTWARE, "app.kubernetes.io/component": COLLECTIONS_COMPONENT },
    instance: "milvus-collections",
  };
}

function openStore(
  name: string,
  { pods, identity: owner }: { readonly pods: PodIdentity; readonly identity: Identity },
  { endpoint, provider }: BucketHandle,
  opts: pulumi.CustomResourceOptions,
): void {
  const port = { name: "s3", port: storePort(endpoint) };
  if (provider === undefined) {
    openWorld(name, { pods, owner, egress: [port] }, opts);
  } else {
    openPath(name, { from: pods, to: provider, ports: [port], owner }, opts);
  }
}

function storePort(endpoint: string): number {
  const { protocol, port } = new URL(endpoint);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}
