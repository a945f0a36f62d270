import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { Certificates } from "../../kit/certificates";
import { type Identity, metadata } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import type { Backend, Gateway } from "../../kit/route";
import { HOSTS_PORT, hostsPart, TOKENS_KEY } from "../collector/hosts";
import type { CollectorPart } from "../collector/part";
import { hostConfig } from "./config";

export interface OutsideHostsArgs {
  readonly namespaces: Namespaces;
  readonly cluster: string;
  /** Names of the machines. A name that goes takes its token with it. */
  readonly hosts: readonly string[];
}

export interface ExposeArgs {
  readonly gateway: Gateway;
  /** Full DNS name that the machines send to. */
  readonly host: string;
  /** The collector behind its port for them. */
  readonly backend: Backend;
  /** The environment's own authority, where it signs what the world sees. @default - one that the machines know */
  readonly authority?: Certificates;
}

/** Machines outside the cluster: a token for each, and what each needs to send. The collector comes in between. */
export class OutsideHosts extends Component {
  /** What the collector takes their data with. */
  readonly part: CollectorPart;
  private readonly name: string;
  private readonly tokens: ReadonlyMap<string, pulumi.Output<string>>;

  constructor(name: string, args: OutsideHostsArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("observability");
    super("orrery:observability:OutsideHosts", name, after(opts, namespace));
    this.name = name;
    const identity: Identity = { name, instance: name, component: "outside-hosts", domain: namespace.name };
    this.tokens = new Map(args.hosts.map((host) => [host, this.createToken(host)]));
    const secret = `${name}-tokens`;
    const ready = new k8s.core.v1.Secret(
      secret,
      {
        metadata: metadata(identity, { name: secret, namespace: namespace.name }),
        type: "Opaque",
        stringData: { [TOKENS_KEY]: pulumi.all([...this.tokens.values()]).apply((all) => `${all.join("\n")}\n`) },
      },
      this.child(),
    );
    this.part = hostsPart({ cluster: args.cluster, secret, ready });
    this.registerOutputs({});
  }

  /** Opens the way from outside. Returns the configuration of Alloy for each machine, secret. */
  expose({ gateway, host, backend, authority }: ExposeArgs): Record<string, pulumi.Output<string>> {
    const { url } = gateway.route(this.name, { host, backend }, this.child());
    const endpoint = url.replace(/\/$/, "");
    const caPem = authority?.trust(backend.namespace.name).pem;
    return Object.fromEntries(
      [...this.tokens].map(([name, token]) => {
        const config = pulumi
          .all([token, caPem])
          .apply(([shown, pem]) => hostConfig({ name, endpoint, token: shown, ...(pem && { caPem: pem }) }));
        return [name, pulumi.secret(config)];
      }),
    );
  }

  private createToken(host: string): pulumi.Output<string> {
    const { result } = new random.RandomPassword(
      `${this.name}-${host}`,
      { length: 48, special: false },
      { parent: this },
    );
    return result;
  }
}

/** Name of the collector's port for them. */
export const HOSTS_PORT_NAME = HOSTS_PORT.name;
