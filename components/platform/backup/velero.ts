import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { BucketHandle, Objects } from "../../kit/bucket";
import { Chart, type ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { generatedSecret } from "../../kit/generated-secret";
import { chartIdentity, chartPods, type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { openApiServer } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { veleroValues } from "./velero-values";

/** The name and key are Velero's own. */
const REPOSITORY_SECRET = "velero-repo-credentials";
const LOCATION = "default";
const METRICS = { name: "http-monitoring", port: 8085 };
const HOURS_PER_DAY = 24;

export interface VeleroArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** Where the backups go. */
  readonly objects: Objects;
  /** Name of the bucket. */
  readonly bucket: string;
  /** Cron expression in UTC. */
  readonly schedule: string;
  /** Days after which a backup is removed. */
  readonly retentionDays: number;
  /** Also copy the files of volumes whose pods carry the label `orrery.dev/backup: velero`. */
  readonly volumes: boolean;
}

/** Velero: a copy of the cluster's objects, and of volumes' files, in a bucket, by a schedule. */
export class Velero extends Component {
  private readonly name: string;
  private readonly identity: Identity;
  private readonly namespace: DomainNamespace;

  constructor(name: string, args: VeleroArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("velero");
    super("orrery:platform:Velero", name, after(opts, namespace));
    this.name = name;
    this.namespace = namespace;
    this.identity = chartIdentity(charts.velero, { instance: name, component: "backup", domain: namespace.name });
    const pods = everyPodOf(namespace);
    const bucket = args.objects.bucket(args.bucket, { consumer: { identity: this.identity, pods, namespace } });

    openApiServer(`${name}-api-server`, { pods, owner: this.identity }, this.child());
    const chart = this.createChart(args, bucket, this.createRepositoryPassword());
    const location = this.createLocation(bucket, chart);
    this.createSchedule(args, location);
    // The server and the node agents; the jobs that it starts serve nothing.
    const serving = chartPods(charts.velero, name, namespace.name);
    namespace.telemetry.metrics({ identity: this.identity, pods: serving, port: METRICS });

    this.registerOutputs({ bucket: bucket.bucket });
  }

  /** Velero encrypts the files that it copies; with its own default password anybody could read them. */
  private createRepositoryPassword(): pulumi.Resource {
    const request = { owner: this.identity, namespace: this.namespace.name, keys: ["repository-password"] };
    return generatedSecret(REPOSITORY_SECRET, request, this.child()).ready;
  }

  private createChart(args: VeleroArgs, bucket: BucketHandle, password: pulumi.Resource): Chart {
    return new Chart(
      this.name,
      {
        chart: charts.velero,
        source: args.charts,
        namespace: this.namespace.name,
        values: veleroValues({ ...bucket, volumes: args.volumes }),
      },
      after(this.child(), bucket.ready, password),
    );
  }

  /** Ready when Velero has reached the bucket with its keys. */
  private createLocation({ bucket, region, endpoint }: BucketHandle, chart: Chart): pulumi.Resource {
    const spec = {
      provider: "aws",
      default: true,
      objectStorage: { bucket },
      config: {
        region,
        s3Url: endpoint,
        s3ForcePathStyle: "true",
        // Not every store knows the newer checksums.
        checksumAlgorithm: "",
      },
    };
    return this.create(LOCATION, "BackupStorageLocation", "jsonpath={.status.phase}=Available", spec, [chart]);
  }

  private createSchedule(args: VeleroArgs, location: pulumi.Resource): void {
    const spec = {
      schedule: args.schedule,
      useOwnerReferencesInBackup: false,
      template: {
        storageLocation: LOCATION,
        ttl: `${args.retentionDays * HOURS_PER_DAY}h0m0s`,
        includedNamespaces: ["*"],
        // They would be in the bucket as they are. etcd's snapshots have them, encrypted; the program makes its own anew.
        excludedResources: ["secrets"],
        // Pods say by an annotation which volumes are copied.
        defaultVolumesToFsBackup: false,
        snapshotVolumes: false,
      },
    };
    this.create("scheduled", "Schedule", "jsonpath={.status.phase}=Enabled", spec, [location]);
  }

  private create(
    name: string,
    kind: "BackupStorageLocation" | "Schedule",
    waitFor: string,
    spec: object,
    dependsOn: pulumi.Resource[],
  ): pulumi.Resource {
    return new k8s.apiextensions.CustomResource(
      `${this.name}-${name}`,
      {
        apiVersion: "velero.io/v1",
        kind,
        metadata: metadata(this.identity, {
          name,
          namespace: this.namespace.name,
          annotations: { "pulumi.com/waitFor": waitFor },
        }),
        spec,
      },
      this.child({ dependsOn }),
    );
  }
}

/** The server, the node agents, and the jobs that it starts for its repositories, each with labels of its own. */
function everyPodOf(namespace: DomainNamespace): PodIdentity {
  return { namespace: namespace.name, labels: {}, instance: "velero" };
}
