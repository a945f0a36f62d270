import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { BucketHandle, Objects } from "../../kit/bucket";
import type { Certificates } from "../../kit/certificates";
import type { ChartSource } from "../../kit/chart";
import { metadata, type PodIdentity } from "../../kit/labels";
import type { Operator } from "../../kit/operator";
import { after } from "../../kit/options";
import { archiveName, objectStoreSpec, type PostgresArchive, scheduledBackupSpec } from "./archive";
import { BarmanPlugin } from "./barman-plugin";
import type { DatabaseServer } from "./server";

export interface PostgresBackupSettings {
  /** Where the backups go. */
  readonly objects: Objects;
  /** Name of the bucket. */
  readonly bucket: string;
  /** Its own authority's certificate is asked for where the bucket's store has one of it. */
  readonly certificates?: Certificates;
  /** Cron expression in UTC. */
  readonly schedule: string;
  /** Days that the data can be brought back to. */
  readonly retentionDays: number;
  /** Number of the archive; a restored cluster writes the next one. @default 1 */
  readonly generation?: number;
  /** Begin with the data of this archive, as it was at `targetTime`. @default - begin empty */
  readonly restore?: { readonly generation: number; readonly targetTime?: string };
}

export interface PostgresBackupArgs extends PostgresBackupSettings {
  readonly charts: ChartSource;
  readonly operator: Operator;
  readonly server: DatabaseServer;
  /** Servers, and the job that brings an archive back. */
  readonly pods: PodIdentity;
}

/** Everything that a cluster needs to archive itself: the plugin, the bucket, and where in it. */
export class PostgresBackup extends Component {
  readonly archive: PostgresArchive;

  constructor(
    private readonly name: string,
    private readonly args: PostgresBackupArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:data:PostgresBackup", name, after(opts, args.server.namespace));
    const { server, generation = 1, restore } = args;
    this.archive = {
      objectStore: name,
      serverName: archiveName(server.name, generation),
      ...(restore === undefined
        ? {}
        : { restore: { serverName: archiveName(server.name, restore.generation), targetTime: restore.targetTime } }),
    };
    const consumer = { identity: server.identity, pods: args.pods, namespace: server.namespace };
    const bucket = args.objects.bucket(args.bucket, { consumer });
    // The plugin's chart has certificates of its own.
    const plugin = new BarmanPlugin("barman-cloud", args, after(this.child(), args.certificates?.ready));
    this.createObjectStore(bucket, plugin);

    this.registerOutputs({ archive: this.archive.serverName });
  }

  /** Base backups by the schedule. They belong to the cluster's parent: the cluster itself waits for all of this. */
  schedule(opts: pulumi.CustomResourceOptions): void {
    const { server, schedule } = this.args;
    this.create("postgresql.cnpg.io/v1", "ScheduledBackup", scheduledBackupSpec(server.name, schedule), opts);
  }

  private createObjectStore(bucket: BucketHandle, plugin: BarmanPlugin): void {
    const { server, certificates, retentionDays } = this.args;
    // Barman takes an authority from a Secret only; every certificate's Secret has the one that signed it.
    const authority =
      bucket.caConfigMap === undefined
        ? undefined
        : certificates?.internal(
            `${this.name}-authority`,
            { namespace: server.namespace.name, owner: server.identity, dnsNames: [server.host] },
            this.child(),
          );
    const spec = objectStoreSpec(bucket, retentionDays, authority?.secretName);
    const dependsOn = [bucket.ready, plugin, ...(authority === undefined ? [] : [authority.ready])];
    this.create("barmancloud.cnpg.io/v1", "ObjectStore", spec, this.child({ dependsOn }));
  }

  private create(apiVersion: string, kind: string, spec: object, opts: pulumi.CustomResourceOptions): void {
    const { identity, namespace } = this.args.server;
    new k8s.apiextensions.CustomResource(
      `${this.name}-${kind.toLowerCase()}`,
      { apiVersion, kind, metadata: metadata(identity, { name: this.name, namespace: namespace.name }), spec },
      opts,
    );
  }
}
