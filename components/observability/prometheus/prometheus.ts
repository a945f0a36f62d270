import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Consumer } from "../../kit/capability";
import type { Identity, PodIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { Backend } from "../../kit/route";
import type { Size } from "../../kit/sizes";
import type { AlertReceiver, MetricsStore } from "../stores";
import { createServers } from "./create";
import { prometheusIdentity, prometheusPods, SERVERS_NAMESPACE, WEB } from "./names";

export interface PrometheusArgs {
  readonly namespaces: Namespaces;
  /** What makes it: the Prometheus operator. */
  readonly operator: pulumi.Resource;
  /** Name of the cluster: the label `cluster` of everything. */
  readonly cluster: string;
  /** Each scrapes everything. @default 1 */
  readonly replicas?: number;
  /** Days after which blocks are removed; they go earlier where the volume is full. */
  readonly retentionDays: number;
  /** Size of each server's volume in GiB. It may grow, never shrink. */
  readonly storageGiB: number;
  /** Changing it affects new servers only. */
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
  readonly scrapeIntervalSeconds: number;
  /** A target with more samples is not taken. */
  readonly samplesPerTarget: number;
  /** Where metrics are kept for long: everything is written there too. @default - here only */
  readonly longTerm?: MetricsStore;
  /** Where alerts go. @default - nowhere */
  readonly alerts?: AlertReceiver;
  /** Where people find the web page: links of alerts lead there. @default - inside the cluster */
  readonly externalUrl?: string;
}

/**
 * Prometheus, run by its operator: one or two servers that scrape everything. Without Mimir it is also where the
 * collector and Tempo write their metrics.
 */
export class Prometheus extends Component implements MetricsStore {
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  readonly queryUrl: string;
  readonly remoteWriteUrl: string;
  readonly ready: pulumi.Resource;

  constructor(
    readonly name: string,
    args: PrometheusArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const namespace = args.namespaces.get(SERVERS_NAMESPACE);
    const { longTerm, alerts, operator, replicas = 1, size = "small" } = args;
    super("orrery:observability:Prometheus", name, after(opts, namespace, operator, longTerm?.ready));
    this.namespace = namespace;
    this.identity = prometheusIdentity(name);
    this.pods = prometheusPods(name);
    this.queryUrl = `http://${name}.${namespace.name}.svc:${WEB.port}`;
    this.remoteWriteUrl = `${this.queryUrl}/api/v1/write`;

    longTerm?.openWrite(this.consumer(), this);
    alerts?.openAlerts(this.consumer(), this);
    const { identity } = this;
    this.ready = createServers(
      this,
      { ...args, replicas, size, identity, environment: namespace.environment },
      this.child(),
    );
    namespace.telemetry.metrics({ identity, pods: this.pods, port: WEB });

    this.registerOutputs({ queryUrl: this.queryUrl });
  }

  openQuery(consumer: Consumer, parent: pulumi.Resource): void {
    this.open(consumer, "query", parent);
  }

  openWrite(consumer: Consumer, parent: pulumi.Resource): void {
    this.open(consumer, "write", parent);
  }

  /** The web page, as what answers behind a route. */
  backend(): Backend {
    const { identity, namespace, pods, name: service } = this;
    return { identity, namespace, service, port: WEB.port, pods };
  }

  /** The servers as the consumer of another one's capability. */
  consumer(): Consumer {
    const { identity, namespace, pods } = this;
    return { identity, namespace, pods };
  }

  /** One port, and two paths: who reads and who writes ask on their own. */
  private open(consumer: Consumer, purpose: string, parent: pulumi.Resource): void {
    openPath(
      `${consumer.identity.instance}-${this.name}-${purpose}`,
      { from: consumer.pods, to: this.pods, ports: [{ ...WEB, name: purpose }], owner: consumer.identity },
      { parent, dependsOn: [consumer.namespace, this.namespace] },
    );
  }
}
