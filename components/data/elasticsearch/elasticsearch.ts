import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Consumer } from "../../kit/capability";
import type { Certificates, Trust } from "../../kit/certificates";
import type { ChartSource } from "../../kit/chart";
import { images, imageVersion } from "../../kit/images";
import { type Identity, type PodIdentity, podIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import type { Size } from "../../kit/sizes";
import { SOFTWARE } from "./api-job";
import { HTTP_PORT, httpService } from "./cluster";
import { createCluster } from "./cluster-resource";
import { createExporter, createExporterUser } from "./exporter";
import type { IndexAccess } from "./index-rules";
import { Kibana } from "./kibana";
import { createElasticOperator } from "./operator";
import { openClusterPaths } from "./paths";
import { SearchIndex, type SearchServer } from "./search-index";
import { type SnapshotSettings, Snapshots } from "./snapshots";

export interface ElasticsearchArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** Issues the servers' certificates. @default - none: plain HTTP inside the cluster */
  readonly certificates?: Certificates;
  /** Each of them keeps data, and votes. @default 1 */
  readonly nodes?: number;
  /** Size of each node's volume in GiB. It may grow, never shrink. */
  readonly storageGiB: number;
  /** Changing it affects new nodes only. */
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
  /** Kibana, and where people find it. @default - none */
  readonly kibana?: { readonly publicUrl: string };
  /** @default - none */
  readonly backup?: SnapshotSettings;
}

/** Elasticsearch, run by ECK, with its exporter and Kibana. Each service gets an index of its own: `index()`. */
export class Elasticsearch extends Component implements SearchServer {
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  readonly host: string;
  readonly port = HTTP_PORT;
  readonly url: string;
  readonly trust?: (namespace: string) => Trust;
  /** Its web page, where there is one. */
  readonly kibana?: Kibana;
  private readonly facts: { readonly nodes: number; readonly storageGiB: number };
  private readonly cluster: pulumi.Resource;

  constructor(
    readonly name: string,
    args: ElasticsearchArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const namespace = args.namespaces.get("elastic");
    const { certificates, kibana } = args;
    super("orrery:data:Elasticsearch", name, after(opts, namespace));
    const version = imageVersion(images.elasticsearch);
    this.namespace = namespace;
    this.identity = { name: SOFTWARE, instance: name, component: "search", domain: namespace.name, version };
    this.pods = podIdentity(this.identity, namespace.name);
    this.host = `${httpService(name)}.${namespace.name}.svc`;
    this.url = `${certificates ? "https" : "http"}://${this.host}:${HTTP_PORT}`;
    this.trust = certificates && ((at) => certificates.trust(at));
    this.facts = { nodes: args.nodes ?? 1, storageGiB: args.storageGiB };

    const operator = createElasticOperator(`${name}-operator`, args, namespace, this.child());
    openClusterPaths(this, operator, this);
    const snapshots = args.backup && new Snapshots(`${name}-snapshots`, { server: this, ...args.backup }, this.child());
    const user = createExporterUser(name, this.identity, namespace.name, this.child());
    this.cluster = createCluster(
      this,
      { ...args, user, store: snapshots?.store },
      after(this.child(), operator, snapshots),
    );
    const clients = this.child({ dependsOn: [this.cluster] });
    createExporter(this, { userSecret: user.userSecret, snapshots: snapshots !== undefined }, clients);
    snapshots?.schedule(clients);
    this.kibana = kibana && new Kibana("kibana", { server: this, certificates, ...kibana }, clients);

    this.registerOutputs({ host: this.host, port: this.port });
  }

  /**
   * An index of its own, with a user that may do there what `access` says; opens the one way from the consumer to it.
   * With `retentionDays` it is a data stream: documents are only added, and deleted when they are that old.
   */
  index(
    index: string,
    options: {
      readonly consumer?: Consumer;
      /** @default - for ever */
      readonly retentionDays?: number;
      /** @default 1 */
      readonly shards?: number;
      /** @default 1, or 0 with one node */
      readonly replicas?: number;
      /** @default write */
      readonly access?: IndexAccess;
    } = {},
  ): SearchIndex {
    const { shards = 1, replicas = this.facts.nodes > 1 ? 1 : 0, access = "write", ...rest } = options;
    return new SearchIndex(
      `${this.name}-${index}`,
      { server: this, storageGiB: this.facts.storageGiB, index, shards, replicas, access, ...rest },
      this.child({ dependsOn: [this.cluster] }),
    );
  }
}
