import type * as pulumi from "@pulumi/pulumi";
import type { Certificates } from "../../kit/certificates";
import type { Identity, PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import type { NetworkPort } from "../../kit/network-policy";
import type { Eviction } from "./names";

/** What a cache needs to know of the servers that it is in. */
export interface CacheServer {
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  readonly host: string;
  readonly port: number;
  readonly sentinelHosts: readonly string[];
  readonly eviction: Eviction;
  /** Ports that a client talks to. */
  readonly clientPorts: readonly NetworkPort[];
  /** Secret with the lines of all users. */
  readonly usersSecret: string;
  /** Depend on this: that Secret is there. */
  readonly users: pulumi.Resource;
  /** Depend on this: the servers run. */
  readonly service: pulumi.Resource;
  /** @default - plain text */
  readonly certificates?: Certificates;
}
