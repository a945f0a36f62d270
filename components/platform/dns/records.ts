import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openApiServer, openWorld } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { Paths } from "../../kit/paths";
import type { SecretSource } from "../../kit/secret-source";
import { DNS_TOKEN } from "../dns-token";
import { externalDnsValues, type RecordFacts } from "./records-values";

const NAME = "external-dns";
const METRICS = { name: "http", port: 7979 };

export interface DnsRecordsArgs extends Omit<RecordFacts, "tokenSecret"> {
  readonly charts: ChartSource;
  readonly namespace: DomainNamespace;
  readonly secrets: SecretSource;
  /** The cluster's domain, which gets a record of its own: ports that are not HTTP are reached under it. */
  readonly domain: string;
  /** Address of the gateway's load balancer. */
  readonly address: pulumi.Input<string>;
  /** The gateway: the kinds that are watched must be known first. */
  readonly gateway?: pulumi.Resource;
}

/** external-dns: DNS records that follow what the gateway exposes. */
export class DnsRecords extends Component {
  constructor(
    private readonly args: DnsRecordsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:platform:DnsRecords", NAME, after(opts, args.namespace, args.gateway));
    const chart = charts.externalDns;
    const namespace = args.namespace.name;
    const owner: Identity = chartIdentity(chart, { instance: NAME, component: "dns", domain: namespace });
    const pods: PodIdentity = {
      namespace,
      labels: { "app.kubernetes.io/name": chart.name, "app.kubernetes.io/instance": NAME },
      instance: NAME,
    };

    const token = args.secrets.secret(
      `${DNS_TOKEN.secret}-records`,
      { secretName: DNS_TOKEN.secret, namespace, owner, keys: { [DNS_TOKEN.key]: DNS_TOKEN.secret } },
      this.child(),
    );
    const paths = new Paths(
      `${NAME}-paths`,
      (child) => {
        openApiServer(`${NAME}-api-server`, { pods, owner }, child);
        openWorld(`${NAME}-world`, { pods, owner, egress: [{ name: "https", port: 443 }] }, child);
      },
      this.child(),
    );
    const release = new Chart(
      NAME,
      {
        chart,
        source: args.charts,
        namespace,
        values: externalDnsValues({ ...args, tokenSecret: { name: token.secretName, key: DNS_TOKEN.key } }),
      },
      this.child({ dependsOn: [paths, token.ready] }),
    );
    this.createDomainRecord(owner, namespace, release);
    args.namespace.telemetry.metrics({ identity: owner, pods, port: METRICS });

    this.registerOutputs({ zone: args.zone });
  }

  private createDomainRecord(owner: Identity, namespace: string, release: Chart): void {
    const { domain, address, tunnelHost } = this.args;
    const target =
      tunnelHost === undefined
        ? { recordType: "A", targets: [address] }
        : { recordType: "CNAME", targets: [tunnelHost] };
    new k8s.apiextensions.CustomResource(
      `${NAME}-domain`,
      {
        apiVersion: "externaldns.k8s.io/v1alpha1",
        kind: "DNSEndpoint",
        metadata: metadata(owner, { name: "domain", namespace }),
        spec: { endpoints: [{ dnsName: domain, ...target }] },
      },
      this.child({ dependsOn: [release] }),
    );
  }
}
