import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { Component } from "../../base";
import type { Consumer } from "../../kit/capability";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { openPath, openPeers, openWorld } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { Backend } from "../../kit/route";
import type { SecretSource } from "../../kit/secret-source";
import type { Size } from "../../kit/sizes";
import type { AlertReceiver } from "../stores";
import { type AlertRoutes, alertmanagerConfig } from "./config";
import { createServers } from "./create";
import { type AlertmanagerReceiver, portOf, secretOf } from "./receivers";
import {
  alertmanagerIdentity,
  alertmanagerPods,
  configSecretName,
  PEERS,
  receiversDirectory,
  receiversSecretName,
  WEB,
} from "./spec";

export interface AlertmanagerArgs {
  readonly namespaces: Namespaces;
  /** What makes it: the Prometheus operator. */
  readonly operator: pulumi.Resource;
  /** Where the receivers' secrets come from. */
  readonly secrets: SecretSource;
  readonly receivers: readonly AlertmanagerReceiver[];
  readonly routes: AlertRoutes;
  /** @default 1 */
  readonly replicas?: number;
  /** @default small */
  readonly size?: Size;
  /** Where people find the web page: links in messages lead there. @default - inside the cluster */
  readonly externalUrl?: string;
}

/** Alertmanager, run by the Prometheus operator: it groups alerts, mutes what follows from others, and tells people. */
export class Alertmanager extends Component implements AlertReceiver {
  readonly identity: Identity;
  readonly pods: PodIdentity;
  readonly namespace: string;
  /** The operator's headless Service: an endpoint for each server. */
  readonly service = "alertmanager-operated";
  readonly portName = WEB.name;
  readonly queryUrl: string;
  readonly ready: pulumi.Resource;
  private readonly home: DomainNamespace;

  constructor(
    private readonly name: string,
    args: AlertmanagerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const home = args.namespaces.get("observability");
    super("orrery:observability:Alertmanager", name, after(opts, home, args.operator));
    this.home = home;
    this.namespace = home.name;
    this.identity = alertmanagerIdentity(name);
    this.pods = alertmanagerPods(name);
    this.queryUrl = `http://${name}.${home.name}.svc:${WEB.port}`;

    const files = [this.createConfig(args), ...this.createReceiverSecrets(args)];
    this.openOutside(args);
    const { identity, pods } = this;
    this.ready = createServers(name, { ...args, identity, pods, environment: home.environment, files }, this.child());
    home.telemetry.metrics({ identity: this.identity, pods: this.pods, port: WEB });

    this.registerOutputs({ queryUrl: this.queryUrl });
  }

  openAlerts(consumer: Consumer, parent: pulumi.Resource): void {
    this.open(consumer, "alerts", parent);
  }

  /** To look at alerts and to silence them. */
  openQuery(consumer: Consumer, parent: pulumi.Resource): void {
    this.open(consumer, "query", parent);
  }

  /** The web page, as what answers behind a route. */
  backend(): Backend {
    const { identity, home, pods, name: service } = this;
    return { identity, namespace: home, service, port: WEB.port, pods };
  }

  private createConfig({ receivers, routes }: AlertmanagerArgs): pulumi.Resource {
    const { identity, name } = this;
    const config = alertmanagerConfig({ receivers, routes, secretsDirectory: receiversDirectory(name) });
    return new k8s.core.v1.Secret(
      `${name}-config`,
      {
        metadata: metadata(identity, { name: configSecretName(name), namespace: this.namespace }),
        stringData: { "alertmanager.yaml": stringify(config, { lineWidth: 0 }) },
      },
      this.child(),
    );
  }

  /** All of them in one Secret, whose keys are files beside the configuration. */
  private createReceiverSecrets({ receivers, secrets }: AlertmanagerArgs): pulumi.Resource[] {
    if (receivers.length === 0) return [];
    const { ready } = secrets.secret(
      `${this.name}-receivers`,
      {
        secretName: receiversSecretName(this.name),
        namespace: this.namespace,
        owner: this.identity,
        keys: Object.fromEntries(receivers.map(secretOf).map((secret) => [secret, secret])),
      },
      this.child(),
    );
    return [ready];
  }

  /** Only the ports of the receivers that there are. */
  private openOutside({ receivers, replicas = 1 }: AlertmanagerArgs): void {
    const { identity: owner, name, pods } = this;
    const ports = [...new Set(receivers.map(portOf))].sort((a, b) => a - b);
    if (ports.length > 0) {
      const egress = ports.map((port) => ({ name: `receivers-${port}`, port }));
      openWorld(`${name}-world`, { pods, owner, egress }, this.child());
    }
    if (replicas > 1) openPeers(`${name}-peers`, { pods, owner, ports: PEERS }, this.child());
  }

  private open(consumer: Consumer, purpose: string, parent: pulumi.Resource): void {
    openPath(
      `${consumer.identity.instance}-${this.name}-${purpose}`,
      { from: consumer.pods, to: this.pods, ports: [{ ...WEB, name: purpose }], owner: consumer.identity },
      { parent, dependsOn: [consumer.namespace, this.home] },
    );
  }
}
