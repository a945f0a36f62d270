import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Consumer } from "../../kit/capability";
import type { Certificates } from "../../kit/certificates";
import { generatedSecret } from "../../kit/generated-secret";
import type { Identity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { Backend, BackendTls } from "../../kit/route";
import { backendTls, serverCertificate, serviceDnsNames } from "../../kit/server-certificate";
import { consumerOf, Service } from "../../kit/service";
import type { Size } from "../../kit/sizes";
import { Neo4jBackup, type Neo4jBackupSettings } from "./backup";
import { BOLT_PORT, type Edition } from "./config";
import { Graph, type GraphServer } from "./graph";
import { COMPONENT, neo4jPods, PASSWORD_KEY, SOFTWARE } from "./pods";
import { userJobs } from "./user-job";
import { createWebsocket } from "./websocket";

export interface Neo4jArgs {
  readonly namespaces: Namespaces;
  /** Issues the server's certificate. @default - none: plain text inside the cluster */
  readonly certificates?: Certificates;
  /** @default community */
  readonly edition?: Edition;
  /** Size of the volume in GiB. It may grow, never shrink. */
  readonly storageGiB: number;
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
  /** Whether queries may call APOC Core. @default false */
  readonly apoc?: boolean;
  /** Names under which clients outside reach Bolt; they are in the certificate. @default - none */
  readonly outsideHosts?: readonly string[];
  /** `host:port` of Bolt for Neo4j Browser. @default - that inside the cluster */
  readonly boltAddress?: string;
  /** @default - none */
  readonly backup?: Neo4jBackupSettings;
}

/** Largest export, compressed, that a node's disk has to hold. */
const MOST_SCRATCH_GIB = 20;

/** Neo4j, written natively: one server. A service gets a user of its own: `graph()`. */
export class Neo4j extends Component implements GraphServer {
  readonly edition: Edition;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly host: string;
  readonly port = BOLT_PORT;
  /** Secret beside the server with the administrator's password; its name is neo4j. */
  readonly adminSecret: string;
  readonly certificates?: Certificates;
  readonly service: Service;
  private readonly name: string;

  constructor(name: string, args: Neo4jArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("graph");
    super("orrery:data:Neo4j", name, after(opts, namespace));
    const { identity, pods } = consumerOf(name, { software: SOFTWARE, component: COMPONENT, namespace });
    this.name = name;
    this.edition = args.edition ?? "community";
    this.namespace = namespace;
    this.identity = identity;
    this.host = `${name}.${namespace.name}.svc`;
    this.adminSecret = `${name}-admin`;
    this.certificates = args.certificates;

    const ports = [{ name: "bolt", port: BOLT_PORT }];
    openPath(`${name}-user-jobs`, { from: userJobs(namespace), to: pods, ports, owner: identity }, this.child());
    this.service = this.createServer(args);
    if (args.backup !== undefined) {
      const scratchGiB = Math.min(args.storageGiB, MOST_SCRATCH_GIB);
      new Neo4jBackup(`${name}-backup`, { ...args.backup, server: this, scratchGiB }, this.child());
    }
    this.registerOutputs({ host: this.host, port: this.port });
  }

  /** A user of its own, in Enterprise with a database; opens the one way from the consumer. */
  graph(graph: string, options: { readonly consumer?: Consumer } = {}): Graph {
    return new Graph(`${this.name}-${graph}`, { server: this, graph, ...options }, this.child());
  }

  /** Neo4j Browser: a page, which then talks to Bolt by itself. */
  get browser(): Backend {
    return this.tls === undefined ? this.service.backend("http") : this.service.backend("https", this.tls);
  }

  /** Bolt over WebSocket, as web pages speak it. A Service of its own: a TCP route to Bolt must not be spoken TLS with. */
  websocket(): Backend {
    return createWebsocket(`${this.name}-websocket`, this.service, this.tls, this.child());
  }

  private get tls(): BackendTls | undefined {
    return this.certificates && backendTls(this.certificates, this.namespace.name, this.host);
  }

  private createServer(args: Neo4jArgs): Service {
    const { name, namespace, identity: owner, edition, host, adminSecret, certificates } = this;
    const place = { namespace: namespace.name, owner };
    const admin = generatedSecret(adminSecret, { ...place, keys: [PASSWORD_KEY], length: 32 }, this.child());
    const dnsNames = [...serviceDnsNames(name, namespace.name), ...(args.outsideHosts ?? [])];
    const certificate =
      certificates && serverCertificate(`${name}-server`, { certificates, ...place, dnsNames }, this.child());
    const facts = { ...args, edition, host, adminSecret, environment: namespace.environment };
    const pods = neo4jPods({ ...facts, backup: args.backup !== undefined, tlsSecret: certificate?.secretName });
    return new Service(name, { ...pods, namespace }, after(this.child(), admin.ready, certificate?.ready));
  }
}
