import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { BucketHandle, Objects } from "../../kit/bucket";
import type { Consumer } from "../../kit/capability";
import type { Certificates } from "../../kit/certificates";
import type { ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import type { Identity, PodIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { Operator } from "../../kit/operator";
import { after } from "../../kit/options";
import { type ServerCertificate, serverCertificate, serviceDnsNames } from "../../kit/server-certificate";
import type { Size } from "../../kit/sizes";
import { Collections, type CollectionsProtocol } from "./collections";
import { MilvusEtcd, type MilvusEtcdArgs } from "./etcd";
import { EtcdSnapshots, type MilvusBackupSettings } from "./etcd-backup";
import { etcdBackupPlan } from "./etcd-pods";
import { createInstance } from "./instance";
import { entryPods, milvusIdentity, milvusPods, OPERATOR_KEYS } from "./labels";
import { METRICS_PORT, METRICS_PORT_NAME, MILVUS_PORT } from "./names";
import { milvusOperatorValues, OPERATOR_METRICS } from "./operator";
import { openMilvusPaths } from "./paths";
import type { MilvusServer } from "./server";

export interface MilvusArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** Where the vectors are kept. Changing it does not move what is stored. */
  readonly objects: Objects;
  /** Name of the bucket. */
  readonly bucket: string;
  /** @default - plain text inside the cluster */
  readonly certificates?: Certificates;
  /** Copies of each part; 1 is one process that does everything. @default 1 */
  readonly replicas?: number;
  /** @default small */
  readonly size?: Size;
  /** Its metadata. */
  readonly etcd: Pick<MilvusEtcdArgs, "replicas" | "storageGiB" | "storageClass">;
  /** Of the metadata. @default - none */
  readonly backup?: MilvusBackupSettings;
}

/** Milvus on the platform's buckets, by its operator. A service gets a database of its own: `collections()`. */
export class Milvus extends Component implements MilvusServer {
  readonly name: string;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  readonly entry: PodIdentity;
  readonly host: string;
  readonly port = MILVUS_PORT;
  /** Secret beside the server with the administrator's `root-password`. */
  readonly rootSecret: string;
  readonly trust?: MilvusServer["trust"];
  private readonly instance: pulumi.Resource;

  constructor(name: string, args: MilvusArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("milvus");
    super("orrery:data:Milvus", name, after(opts, namespace));
    this.name = name;
    this.namespace = namespace;
    this.identity = milvusIdentity(name, namespace);
    this.pods = milvusPods(name, namespace.name);
    this.entry = entryPods(name, namespace.name);
    this.host = `${name}-milvus.${namespace.name}.svc`;
    this.rootSecret = `${name}-root`;

    const { replicas = 1, size = "small", backup } = args;
    const certificate = this.createCertificate(args);
    this.trust = certificate && ((at) => certificate.trust(at));
    const operator = this.createOperator(args);
    const etcd = this.createEtcd(args);
    const bucket = this.createBucket(args);
    openMilvusPaths(this, { pods: this.pods, operator, etcd, bucket, several: replicas > 1 }, this);
    const parts = { replicas, size, backedUp: backup !== undefined, certificate, operator, etcd, bucket };
    this.instance = createInstance(this, parts, this);
    const port = { name: METRICS_PORT_NAME, port: METRICS_PORT };
    namespace.telemetry.metrics({ identity: this.identity, pods: this.pods, port });

    this.registerOutputs({ host: this.host, port: this.port });
  }

  /** A database with a user of its own; opens the one way from the consumer to it. */
  collections(
    prefix: string,
    options: { readonly consumer?: Consumer; readonly protocol?: CollectionsProtocol } = {},
  ): Collections {
    const opts = this.child({ dependsOn: [this.instance] });
    return new Collections(`${this.name}-${prefix}`, { server: this, prefix, ...options }, opts);
  }

  private createCertificate({ certificates }: MilvusArgs): ServerCertificate | undefined {
    const { identity: owner, name } = this;
    const namespace = this.namespace.name;
    const dnsNames = serviceDnsNames(`${name}-milvus`, namespace);
    return certificates && serverCertificate(name, { certificates, namespace, owner, dnsNames }, this.child());
  }

  private createOperator({ charts: source, namespaces }: MilvusArgs): Operator {
    const namespace = namespaces.get("milvus-system");
    const values = milvusOperatorValues();
    const request = {
      chart: charts.milvusOperator,
      charts: source,
      namespace,
      values,
      metrics: { port: OPERATOR_METRICS },
    };
    return new Operator(`${this.name}-operator`, request, this.child());
  }

  private createEtcd({ etcd, certificates, backup: snapshots }: MilvusArgs): MilvusEtcd {
    const backup = etcdBackupPlan(snapshots !== undefined);
    const request = { namespace: this.namespace, certificates, ...etcd, backup };
    const made = new MilvusEtcd(`${this.name}-etcd`, request, this.child());
    if (snapshots !== undefined) {
      new EtcdSnapshots(`${this.name}-backup`, { etcd: made, storageGiB: etcd.storageGiB, ...snapshots }, this.child());
    }
    return made;
  }

  private createBucket({ objects, bucket }: MilvusArgs): BucketHandle {
    const { identity, pods, namespace } = this;
    return objects.bucket(bucket, { consumer: { identity, pods, namespace }, aliases: OPERATOR_KEYS });
  }
}
