import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { Consumer, Handle } from "../../kit/capability";
import type { Certificates } from "../../kit/certificates";
import { consumerSecret } from "../../kit/consumer-secret";
import { imageReference } from "../../kit/images";
import type { Identity, PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { after } from "../../kit/options";
import { Service } from "../../kit/service";
import { BOLT_PORT, DEFAULT_DATABASE, type Edition } from "./config";
import { connection } from "./connection";
import { checkGraphName } from "./names";
import { neo4jImage, SOFTWARE } from "./pods";
import { USER_COMPONENT, userJob } from "./user-job";

/** What a graph needs to know of the server that it is in. */
export interface GraphServer {
  readonly edition: Edition;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly service: Service;
  readonly host: string;
  readonly adminSecret: string;
  /** @default - plain text */
  readonly certificates?: Certificates;
}

export interface GraphArgs {
  readonly server: GraphServer;
  /** Name of the user, and in Enterprise of the database. Changing it makes a new user; the old one is kept. */
  readonly graph: string;
  /** @default - nobody yet: the Secret is beside the server, and no network path is opened */
  readonly consumer?: Consumer;
}

/**
 * A consumer's access to Neo4j: a user of its own, its Secret, and its one way to the server. In Enterprise it has a
 * database of its own; in Community all users share the one that there is, and none can be kept from the others' data.
 */
export class Graph extends Component implements Handle {
  readonly host: string;
  readonly port = BOLT_PORT;
  readonly user: string;
  readonly database: string;
  readonly secretName: string;
  readonly secretNamespace: string;
  readonly caConfigMap?: string;
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: GraphArgs, opts?: pulumi.ComponentResourceOptions) {
    const { server, graph, consumer } = args;
    const home = consumer?.namespace ?? server.namespace;
    const authority = server.certificates?.trust(home.name);
    super("orrery:data:Graph", name, after(opts, home, server.service, authority?.ready));
    checkGraphName(graph);
    this.host = server.host;
    this.user = graph;
    this.database = server.edition === "enterprise" ? graph : DEFAULT_DATABASE;
    this.secretName = name;
    this.secretNamespace = home.name;
    this.caConfigMap = authority?.configMap;
    this.provider = server.service.pods;

    const { result: password } = new random.RandomPassword(name, { length: 32, special: false }, this.child());
    const { secretName } = this;
    const stringData = connection(this, password);
    const beside = consumerSecret(name, { secretName, server, consumer, stringData }, this.child());
    this.createUser(name, server, beside);
    if (consumer !== undefined) server.service.open(consumer, "bolt", this);

    this.registerOutputs({ host: this.host, port: this.port, database: this.database, secretName: this.secretName });
  }

  /** Without a ttl: it is a resource of the stack, and what removes itself would be made again by the next refresh. */
  private createUser(name: string, server: GraphServer, secret: pulumi.Resource): void {
    const { edition, namespace, host, adminSecret, certificates } = server;
    const authority = certificates?.trust(namespace.name);
    const facts = { edition, host, adminSecret, userSecret: this.secretName, caConfigMap: authority?.configMap };
    new Service(
      `${name}-user`,
      {
        software: SOFTWARE,
        component: USER_COMPONENT,
        namespace,
        image: imageReference(neo4jImage(edition)),
        ...userJob(facts),
      },
      after(this.child(), secret, authority?.ready),
    );
  }
}
