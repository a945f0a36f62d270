import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Consumer } from "../../kit/capability";
import { Chart, type ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { createClaims } from "../../kit/claims";
import { chartIdentity, type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openApiServer, openPath, openPeers } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { Backend } from "../../kit/route";
import type { Size } from "../../kit/sizes";
import { VaultTls } from "./vault-tls";
import { VAULT_CLAIMS, VAULT_CLUSTER_PORT, VAULT_PORT, vaultActive, vaultDnsNames, vaultValues } from "./vault-values";

export interface VaultArgs {
  readonly charts: ChartSource;
  readonly namespace: DomainNamespace;
  /** Members of the raft cluster; an odd number. */
  readonly replicas: number;
  /** Size of each server's data in GiB. It may grow, never shrink. */
  readonly storageGiB: number;
  /** Size of each server's audit log in GiB. It may grow, never shrink. */
  readonly auditStorageGiB: number;
  /** Changing it affects new servers only. */
  readonly storageClass: string;
  readonly size: Size;
}

/**
 * HashiCorp Vault in HA on raft, TLS only. It starts sealed and not initialised: a person does both, see
 * docs/secrets.md. Until then its pods run and are not ready, and the release is nevertheless complete: its StatefulSet
 * is updated by hand (OnDelete), for which Helm does not wait.
 */
export class Vault extends Component {
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  /** `https://host:port` of the active server. */
  readonly address: string;
  /** PEM of the authority behind its certificate. */
  readonly caPem: pulumi.Output<string>;
  private readonly authority: pulumi.Resource;

  constructor(name: string, args: VaultArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:Vault", name, after(opts, args.namespace));
    const chart = charts.vault;
    this.namespace = args.namespace;
    this.identity = chartIdentity(chart, { instance: name, component: "server", domain: args.namespace.name });
    this.pods = { namespace: args.namespace.name, labels: vaultPodLabels(name), instance: name };
    this.address = `https://${vaultActive(name)}.${args.namespace.name}.svc:${VAULT_PORT}`;

    const tls = this.createTls(name);
    this.caPem = tls.caPem;
    this.authority = this.createAuthority();
    this.declareMetrics();
    this.openPaths(name);
    this.install(name, args, tls);

    this.registerOutputs({ address: this.address });
  }

  /** Opens the one way from the consumer to Vault's API. */
  open(consumer: Consumer, parent: pulumi.Resource): void {
    openPath(
      `${consumer.identity.instance}-${this.identity.instance}`,
      { from: consumer.pods, to: this.pods, ports: [{ name: "https", port: VAULT_PORT }], owner: consumer.identity },
      { parent, dependsOn: [consumer.namespace, this.namespace] },
    );
  }

  /** Vault's own web page: on the API's port of the active server. */
  console(): Backend {
    const { identity, namespace, pods, caPem, authority: ready } = this;
    const service = vaultActive(identity.instance);
    const tls = { hostname: `${service}.${namespace.name}.svc`, caConfigMap: authorityName(identity), caPem, ready };
    return { identity, namespace, service, port: VAULT_PORT, pods, tls };
  }

  /** Its authority, for who reads its metrics and for the gateway. */
  private createAuthority(): pulumi.Resource {
    const { identity, namespace, caPem } = this;
    const name = authorityName(identity);
    return new k8s.core.v1.ConfigMap(
      name,
      { metadata: metadata(identity, { name, namespace: namespace.name }), data: { "ca.crt": caPem } },
      this.child(),
    );
  }

  /** Each server for itself, also while it is sealed. */
  private declareMetrics(): void {
    const { identity, namespace, pods } = this;
    namespace.telemetry.metrics({
      identity,
      pods,
      port: { name: "https", port: VAULT_PORT },
      path: "/v1/sys/metrics",
      parameters: { format: ["prometheus"] },
      tls: {
        serverName: `${vaultActive(identity.instance)}.${namespace.name}.svc`,
        caConfigMap: authorityName(identity),
      },
    });
  }

  private createTls(name: string): VaultTls {
    const namespace = this.namespace.name;
    return new VaultTls(
      `${name}-tls`,
      { namespace, owner: this.identity, dnsNames: vaultDnsNames(name, namespace) },
      this.child(),
    );
  }

  private openPaths(name: string): void {
    const owner = this.identity;
    const ports = [
      { name: "https", port: VAULT_PORT },
      { name: "raft", port: VAULT_CLUSTER_PORT },
    ];
    openPeers(`${name}-peers`, { pods: this.pods, ports, owner }, this.child());
    // It labels its pods by who is active, and asks the API whether a token of Kubernetes is real.
    openApiServer(`${name}-api-server`, { pods: this.pods, owner }, this.child());
  }

  /** Before the StatefulSet, which takes them by their names: its own templates could never grow. */
  private createClaims(name: string, args: VaultArgs): pulumi.Resource[] {
    const { replicas, storageClass, storageGiB, auditStorageGiB } = args;
    const volumes = [
      { name: VAULT_CLAIMS.data, storageGiB, storageClass, setting: "secrets.vault.storageGiB" },
      { name: VAULT_CLAIMS.audit, storageGiB: auditStorageGiB, storageClass, setting: "secrets.vault.auditStorageGiB" },
    ];
    const { identity, namespace } = this;
    return createClaims(name, { identity, namespace: namespace.name, replicas, volumes }, this.child());
  }

  private install(name: string, args: VaultArgs, tls: VaultTls): void {
    new Chart(
      name,
      {
        chart: charts.vault,
        source: args.charts,
        namespace: args.namespace.name,
        values: vaultValues(name, { ...args, environment: args.namespace.environment, tlsSecret: tls.secretName }),
      },
      this.child({ dependsOn: [tls, ...this.createClaims(name, args)] }),
    );
  }
}

/** ConfigMap with the authority's certificate beside Vault. */
function authorityName({ instance }: Identity): string {
  return `${instance}-ca`;
}

export function vaultPodLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": charts.vault.name, "app.kubernetes.io/instance": name, component: "server" };
}
