import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { BucketHandle, Objects } from "../../kit/bucket";
import { after } from "../../kit/options";
import { Service } from "../../kit/service";
import { apiJob } from "./api-job";
import type { SearchServer } from "./search-index";
import { REPOSITORY, snapshotPolicy, snapshotRepository } from "./snapshot-rules";

export interface SnapshotSettings {
  /** Where the snapshots go. */
  readonly objects: Objects;
  /** Name of the bucket. */
  readonly bucket: string;
  /** Cron expression in UTC. */
  readonly schedule: string;
  /** Days that a snapshot is kept. */
  readonly retentionDays: number;
}

export interface SnapshotsArgs extends SnapshotSettings {
  readonly server: SearchServer;
}

/** Where a cluster's snapshots go; and, once it runs, when it makes them. */
export class Snapshots extends Component {
  readonly store: BucketHandle;

  constructor(
    private readonly name: string,
    private readonly args: SnapshotsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:data:Snapshots", name, after(opts, args.server.namespace));
    const { identity, pods, namespace } = args.server;
    this.store = args.objects.bucket(args.bucket, { consumer: { identity, pods, namespace } });
    this.registerOutputs({ bucket: this.store.bucket });
  }

  /** Repository and schedule. They belong to the cluster's parent: the cluster itself waits for the bucket. */
  schedule(opts: pulumi.ComponentResourceOptions): void {
    const { server, schedule, retentionDays } = this.args;
    const authority = server.trust?.(server.namespace.name);
    const job = apiJob({
      cluster: server.name,
      url: server.url,
      caConfigMap: authority?.configMap,
      steps: [`put "/_snapshot/${REPOSITORY}" "$REPOSITORY"`, `put "/_slm/policy/${REPOSITORY}" "$POLICY"`],
      environment: {
        REPOSITORY: JSON.stringify(snapshotRepository(this.store.bucket)),
        POLICY: JSON.stringify(snapshotPolicy(schedule, retentionDays)),
      },
    });
    new Service(this.name, { ...job, namespace: server.namespace }, after(opts, authority?.ready));
  }
}
