import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { BucketHandle } from "../../kit/bucket";
import { createDisruptionBudget } from "../../kit/disruption-budget";
import { generatedSecret } from "../../kit/generated-secret";
import { labels, metadata } from "../../kit/labels";
import type { Operator } from "../../kit/operator";
import type { ServerCertificate } from "../../kit/server-certificate";
import type { Size } from "../../kit/sizes";
import type { MilvusEtcd } from "./etcd";
import { milvusPods } from "./labels";
import type { MilvusServer } from "./server";
import { milvusSpec, partName, partsOf } from "./spec";

/** Hours that what was dropped stays in the bucket: Milvus's own choice, and two days for snapshots to point to. */
const KEEP_DROPPED_HOURS = { usual: 3, backedUp: 48 };

export interface InstanceArgs {
  readonly replicas: number;
  readonly size: Size;
  readonly backedUp: boolean;
  readonly certificate?: ServerCertificate;
  readonly operator: Operator;
  readonly etcd: MilvusEtcd;
  readonly bucket: BucketHandle;
}

/** Milvus itself: its custom resource, with the account, the password and the budgets that the operator leaves to us. */
export function createInstance(server: MilvusServer, args: InstanceArgs, parent: pulumi.Resource): pulumi.Resource {
  const { name, identity, namespace, rootSecret } = server;
  const { replicas, size, certificate, operator, etcd, bucket } = args;
  const at = { namespace: namespace.name };
  const opts = { parent, dependsOn: [namespace] };
  const root = generatedSecret(rootSecret, { owner: identity, ...at, keys: ["root-password"] }, opts);
  const account = new k8s.core.v1.ServiceAccount(
    name,
    { metadata: metadata(identity, at), automountServiceAccountToken: false },
    opts,
  );
  if (replicas > 1) createBudgets(server, replicas, opts);
  const { version: _, ...about } = identity;
  const spec = milvusSpec(name, {
    environment: namespace.environment,
    replicas,
    size,
    serviceAccount: name,
    rootSecret,
    tlsSecret: certificate?.secretName,
    etcdEndpoints: etcd.endpoints,
    store: { ...bucket, internalAuthority: bucket.caConfigMap !== undefined },
    keepDroppedHours: args.backedUp ? KEEP_DROPPED_HOURS.backedUp : KEEP_DROPPED_HOURS.usual,
    labels: ownLabels(labels(about)),
    traces: namespace.telemetry.traces({ identity, pods: milvusPods(name, namespace.name), namespace }),
  });
  const dependsOn = [operator, etcd, bucket.ready, root.ready, account, ...(certificate ? [certificate.ready] : [])];
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "milvus.io/v1beta1",
      kind: "Milvus",
      metadata: metadata(identity, {
        ...at,
        name,
        annotations: { "pulumi.com/waitFor": "jsonpath={.status.status}=Healthy" },
      }),
      spec,
    },
    { parent, dependsOn, customTimeouts: { create: "20m", update: "20m", delete: "20m" } },
  );
}

/** The operator gives the labels that pods are selected by, and its own name as who manages them. */
function ownLabels(all: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(all).filter(([key]) => !/\/(name|instance|component|managed-by)$/.test(key)),
  );
}

/** One pod of each part at a time may be taken away by a drain. */
function createBudgets(
  { name, identity, namespace }: MilvusServer,
  replicas: number,
  opts: pulumi.CustomResourceOptions,
) {
  for (const part of partsOf(replicas).map(partName)) {
    const budgetName = `${name}-${part}`;
    const podLabels = { "app.kubernetes.io/instance": name, "app.kubernetes.io/component": part };
    createDisruptionBudget(budgetName, { identity, namespace: namespace.name, budgetName, podLabels }, opts);
  }
}
