import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Certificates } from "../../kit/certificates";
import { type GeneratedSecret, generatedSecret } from "../../kit/generated-secret";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { type NetworkPort, openPeers } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { serverCertificate, serviceDnsNames } from "../../kit/server-certificate";
import { consumerOf, Service } from "../../kit/service";
import type { Size } from "../../kit/sizes";
import { base64, defaultUserFiles, ownUserFiles, ownUsers } from "./acl";
import { Cache, type CacheOptions } from "./cache";
import { SENTINEL_PORT, VALKEY_PORT } from "./config";
import type { Eviction } from "./names";
import { headless, serverHosts, valkeyPods, valkeySoftware } from "./pods";
import type { CacheServer } from "./server";

export interface ValkeyArgs {
  readonly namespaces: Namespaces;
  /** Issues the servers' certificate. @default - none: plain text inside the cluster */
  readonly certificates?: Certificates;
  /** One primary, the others replicas; from three on with Sentinel. @default 1 */
  readonly replicas?: number;
  /** Size of each server's volume in GiB. It may grow, never shrink. */
  readonly storageGiB: number;
  /** Changing it replaces the workload; the data does not move by itself. */
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
  /** What happens when the memory is full. @default noeviction */
  readonly eviction?: Eviction;
}

/** Valkey, which speaks Redis, written natively. Each consumer gets keys of its own: `cache()`. */
export class Valkey extends Component implements CacheServer {
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  /** DNS name of all servers; with several of them, writes go to the one that a Sentinel names. */
  readonly host: string;
  readonly port = VALKEY_PORT;
  readonly sentinelHosts: readonly string[];
  readonly clientPorts: readonly NetworkPort[];
  readonly eviction: Eviction;
  readonly usersSecret: string;
  readonly certificates?: Certificates;
  readonly users: pulumi.Resource;
  readonly service: Service;

  constructor(
    private readonly name: string,
    args: ValkeyArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const namespace = args.namespaces.get("db");
    super("orrery:data:Valkey", name, after(opts, namespace));
    const { replicas = 1, eviction = "noeviction" } = args;
    const { identity, pods } = consumerOf(name, { ...valkeySoftware, namespace });
    this.identity = identity;
    this.pods = pods;
    this.namespace = namespace;
    this.host = `${name}.${namespace.name}.svc`;
    this.sentinelHosts = replicas === 1 ? [] : serverHosts(name, { namespace: namespace.name, replicas });
    const sentinel = replicas === 1 ? [] : [{ name: "sentinel", port: SENTINEL_PORT }];
    this.clientPorts = [{ name: "valkey", port: VALKEY_PORT }, ...sentinel];
    this.eviction = eviction;
    this.usersSecret = `${name}-users`;
    this.certificates = args.certificates;

    const passwords = this.createPasswords();
    this.users = this.createUsers(passwords.values);
    this.service = this.createServers(args, replicas, passwords);

    this.registerOutputs({ host: this.host, port: this.port });
  }

  /** Keys and channels that begin with `name:`, for a user of that name; opens the one way from the consumer. */
  cache(name: string, options: CacheOptions = {}): Cache {
    return new Cache(`${this.name}-${name}`, { server: this, cache: name, ...options }, this.child());
  }

  private createPasswords(): GeneratedSecret {
    const request = { owner: this.identity, namespace: this.namespace.name, keys: ownUsers };
    return generatedSecret(`${this.name}-credentials`, request, this.child());
  }

  private createServers(args: ValkeyArgs, replicas: number, passwords: GeneratedSecret): Service {
    const { name, namespace, identity: owner, pods, clientPorts: ports, eviction, usersSecret } = this;
    if (replicas > 1) {
      openPeers(`${name}-peers`, { pods, ports, owner }, this.child());
    }
    const certificate = args.certificates && this.createCertificate(args.certificates);
    const facts = { ...args, replicas, eviction, size: args.size ?? "small", environment: namespace.environment };
    const secrets = { usersSecret, credentialsSecret: passwords.secretName, tlsSecret: certificate?.secretName };
    return new Service(
      name,
      { ...valkeyPods(name, { ...facts, ...secrets, namespace: namespace.name }), namespace },
      after(this.child(), passwords.ready, this.users, certificate?.ready),
    );
  }

  private createCertificate(certificates: Certificates) {
    const { name, identity: owner } = this;
    const namespace = this.namespace.name;
    const dnsNames = serviceDnsNames(name, namespace, { headless: headless(name) });
    return serverCertificate(name, { certificates, namespace, owner, dnsNames }, this.child());
  }

  /** The servers' own users. Each cache adds its own. */
  private createUsers(passwords: Readonly<Record<string, pulumi.Output<string>>>): pulumi.Resource {
    const files = pulumi.all(ownUsers.map((user) => passwords[user]!.apply((plain) => ownUserFiles(user, plain))));
    const data = files.apply((all) => base64(Object.assign({}, defaultUserFiles, ...all)));
    const where = metadata(this.identity, { name: this.usersSecret, namespace: this.namespace.name });
    return new k8s.core.v1.Secret(this.usersSecret, { metadata: where, type: "Opaque", data }, this.child());
  }
}
