import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { BucketHandle } from "../../kit/bucket";
import type { Certificates } from "../../kit/certificates";
import { type Identity, metadata } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { after } from "../../kit/options";
import { type ServerCertificate, serverCertificate } from "../../kit/server-certificate";
import type { Size } from "../../kit/sizes";
import { installationSpec, keeperSpec } from "./installation";
import { certificateNames, clickhouseIdentity, keeperIdentity } from "./names";

interface ServersFacts {
  readonly name: string;
  readonly namespace: DomainNamespace;
  readonly tlsSecret?: string;
  readonly shards?: number;
  readonly replicas?: number;
  readonly keepers: number;
  readonly storageGiB: number;
  readonly storageClass: string;
  readonly size?: Size;
  readonly bucket?: BucketHandle;
}

/** The one certificate of servers and Keepers; none where nothing issues it. */
export function createCertificate(
  { name, identity: owner, namespace }: { name: string; identity: Identity; namespace: DomainNamespace },
  {
    certificates,
    ...hosts
  }: { readonly certificates?: Certificates } & Pick<ServersFacts, "shards" | "replicas" | "keepers">,
  opts: pulumi.CustomResourceOptions,
): ServerCertificate | undefined {
  const dnsNames = certificateNames(name, namespace.name, hosts);
  return certificates && serverCertificate(name, { certificates, namespace: namespace.name, owner, dnsNames }, opts);
}

/** Keepers, where there are any, and the servers. */
export function createServers(
  { certificate, ...facts }: Omit<ServersFacts, "tlsSecret"> & { readonly certificate?: ServerCertificate },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const all = { ...facts, tlsSecret: certificate?.secretName };
  const keeper = facts.keepers > 0 ? createKeeper(all, opts) : undefined;
  return createInstallation(all, after(opts, keeper));
}

/** The servers. Done when the operator says so: each of them answers. */
function createInstallation(facts: ServersFacts, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const { name, namespace, bucket, shards = 1, replicas = 1, size = "small" } = facts;
  const spec = installationSpec({
    ...facts,
    namespace: namespace.name,
    environment: namespace.environment,
    shards,
    replicas,
    size,
    ...(bucket === undefined ? {} : { backup: bucket, backupSecret: bucket.secretName }),
  });
  const owner = clickhouseIdentity(name, namespace);
  return create(name, owner, "clickhouse.altinity.com/v1", "ClickHouseInstallation", facts, spec, opts);
}

/** The Keepers, before the servers. */
function createKeeper(facts: ServersFacts, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const { name, namespace, keepers: copies } = facts;
  const spec = keeperSpec({ ...facts, environment: namespace.environment, copies });
  const owner = keeperIdentity(name, namespace);
  const kind = "ClickHouseKeeperInstallation";
  return create(`${name}-keeper`, owner, "clickhouse-keeper.altinity.com/v1", kind, facts, spec, opts);
}

/** The operator gives the labels to everything that it makes of the resource: pods, claims, Services. */
function create(
  pulumiName: string,
  owner: Identity,
  apiVersion: string,
  kind: string,
  { name, namespace }: ServersFacts,
  spec: object,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new k8s.apiextensions.CustomResource(
    pulumiName,
    {
      apiVersion,
      kind,
      metadata: metadata(owner, {
        name,
        namespace: namespace.name,
        labels: { "orrery.dev/stateful": "true" },
        annotations: { "pulumi.com/waitFor": "jsonpath={.status.status}=Completed" },
      }),
      spec,
    },
    { ...opts, customTimeouts: { create: "20m", update: "20m" } },
  );
}
