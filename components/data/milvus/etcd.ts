import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { BackupPlan } from "../../kit/backup";
import type { Consumer } from "../../kit/capability";
import type { Certificates } from "../../kit/certificates";
import { imageReference, images, imageVersion } from "../../kit/images";
import type { DomainNamespace } from "../../kit/namespace";
import { after } from "../../kit/options";
import { type ServerCertificate, serverCertificate, serviceDnsNames } from "../../kit/server-certificate";
import { consumerOf, Service } from "../../kit/service";
import { ETCD_AUTHORITY, ETCD_PORT, etcdClientEnvironment, etcdHosts, etcdPods } from "./etcd-pods";
import { etcdResources } from "./sizes";

export interface MilvusEtcdArgs {
  readonly namespace: DomainNamespace;
  /** @default - plain text */
  readonly certificates?: Certificates;
  /** Members; they vote. Changing it needs a new etcd (docs/data/milvus.md). */
  readonly replicas: number;
  /** Size of each member's volume in GiB. It may grow, never shrink. */
  readonly storageGiB: number;
  /** Changing it replaces the workload; the data does not move by itself. */
  readonly storageClass: string;
  readonly backup: BackupPlan;
}

/** The etcd in which Milvus keeps its metadata, written natively. */
export class MilvusEtcd extends Component {
  readonly service: Service;
  readonly endpoints: readonly string[];
  /** Secret with its certificate; undefined while it speaks plain text. */
  readonly tlsSecret?: string;
  private readonly name: string;
  private readonly replicas: number;
  private readonly authority?: string;

  constructor(name: string, args: MilvusEtcdArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespace, replicas } = args;
    super("orrery:data:MilvusEtcd", name, after(opts, namespace));
    this.name = name;
    this.replicas = replicas;
    const facts = { ...args, namespace: namespace.name, environment: namespace.environment };
    this.endpoints = etcdHosts(name, facts).map((host) => `${host}:${ETCD_PORT}`);

    const certificate = this.createCertificate(args);
    this.tlsSecret = certificate?.secretName;
    const authority = certificate?.trust(namespace.name);
    this.authority = authority?.configMap;
    this.service = new Service(
      name,
      { ...etcdPods(name, { ...facts, tlsSecret: this.tlsSecret }), image: imageReference(images.etcd), namespace },
      after(this.child(), certificate?.ready, authority?.ready),
    );
    this.createDefragmentation();

    this.registerOutputs({ endpoints: this.endpoints });
  }

  /** What a pod of etcd's own client needs beside its command. */
  client() {
    const { tlsSecret, replicas, authority } = this;
    const namespace = this.service.namespace.name;
    return {
      environment: etcdClientEnvironment(this.name, { namespace, replicas, tlsSecret }),
      configMaps: authority === undefined ? [] : [{ name: "etcd-ca", path: ETCD_AUTHORITY, configMap: authority }],
    };
  }

  /** Opens the way to the members' client port. */
  open(consumer: Consumer, parent: pulumi.Resource): void {
    this.service.open(consumer, "client", parent);
  }

  /** One name for each member: a wildcard would have to be looked up backwards at every connection of a peer. */
  private createCertificate({ certificates, namespace, replicas }: MilvusEtcdArgs): ServerCertificate | undefined {
    if (certificates === undefined) return undefined;
    const members = etcdHosts(this.name, { namespace: namespace.name, replicas });
    const { identity } = consumerOf(this.name, { software: "etcd", component: "metadata", namespace });
    return serverCertificate(
      this.name,
      {
        certificates,
        namespace: namespace.name,
        owner: identity,
        dnsNames: [
          ...serviceDnsNames(this.name, namespace.name),
          ...members.flatMap((host) => [host, `${host}.cluster.local`]),
        ],
      },
      this.child(),
    );
  }

  /** Compaction leaves holes; only this gives their room back to the volume. One member after the other. */
  private createDefragmentation(): void {
    const { namespace } = this.service;
    const name = `${this.name}-defrag`;
    const { environment, configMaps } = this.client();
    const job = new Service(
      name,
      {
        software: "etcd",
        component: "maintenance",
        version: imageVersion(images.etcd),
        namespace,
        image: imageReference(images.etcd),
        kind: "CronJob",
        schedule: { cron: "40 3 * * 0" },
        command: ["/usr/local/bin/etcdctl", "defrag", "--command-timeout=120s"],
        environment,
        volumes: { configMaps },
        resources: etcdResources("dev"),
      },
      this.child({ dependsOn: [this.service] }),
    );
    this.open(job.consumer(), this);
  }
}
