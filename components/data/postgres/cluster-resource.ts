import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Certificates } from "../../kit/certificates";
import { type Identity, metadata } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import type { Operator } from "../../kit/operator";
import { serverCertificate, serviceDnsNames } from "../../kit/server-certificate";
import type { Size } from "../../kit/sizes";
import type { PostgresBackup } from "./backup";
import { postgresClusterSpec } from "./cluster";
import { ownLabels } from "./labels";
import { poolerName } from "./pooler";

export interface ClusterArgs {
  readonly name: string;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly operator: Operator;
  readonly instances?: number;
  readonly storageGiB: number;
  readonly storageClass: string;
  readonly size?: Size;
  readonly certificates?: Certificates;
  readonly backup?: PostgresBackup;
}

/** The Cluster, after the operator, its certificate and the way to its archive. */
export function createCluster(args: ClusterArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const { name, identity, namespace, operator, backup } = args;
  const certificate = args.certificates && createCertificate(args, args.certificates, opts);
  const spec = postgresClusterSpec(name, {
    ...args,
    instances: args.instances ?? 1,
    size: args.size ?? "small",
    environment: namespace.environment,
    labels: ownLabels(identity),
    archive: backup?.archive,
    tlsSecret: certificate?.secretName,
  });
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "Cluster",
      metadata: metadata(identity, {
        namespace: namespace.name,
        labels: { "orrery.dev/stateful": "true" },
        annotations: { "pulumi.com/waitFor": "condition=Ready" },
      }),
      spec,
    },
    {
      ...opts,
      dependsOn: [operator, backup, certificate?.ready].filter((each) => each !== undefined),
      customTimeouts: { create: "20m", update: "20m" },
    },
  );
}

/** For every Service of the cluster, and for the pooler, which shows the servers' certificate as its own. */
function createCertificate(
  { name, identity: owner, namespace: { name: namespace } }: ClusterArgs,
  certificates: Certificates,
  opts: pulumi.CustomResourceOptions,
) {
  const services = [`${name}-rw`, `${name}-ro`, `${name}-r`, poolerName(name)];
  const dnsNames = services.flatMap((service) => serviceDnsNames(service, namespace));
  // By this label the operator has the servers read a renewed certificate.
  const secretLabels = { "cnpg.io/reload": "true" };
  return serverCertificate(`${name}-certificate`, { certificates, namespace, owner, dnsNames, secretLabels }, opts);
}
