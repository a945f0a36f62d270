import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { Postgres } from "../../data/postgres";
import type { Consumer } from "../../kit/capability";
import { metadata } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import type { Gateway } from "../../kit/route";
import { Service, serviceIdentity } from "../../kit/service";
import type { IdentityProvider, OidcClient, OidcClientArgs } from "../../kit/sign-in";
import type { Size } from "../../kit/sizes";
import { AuthentikClient } from "./authentik-client";
import {
  type AuthentikAccess,
  authentikPods,
  authentikServer,
  authentikSoftware,
  authentikWorker,
  HTTP_PORT,
  SECRET_KEYS,
} from "./authentik-pods";
import { ConsumerPaths } from "./consumer-paths";

export interface AuthentikArgs {
  readonly namespaces: Namespaces;
  readonly postgres: Postgres;
  readonly gateway: Gateway;
  /** Full DNS name under which people sign in. Changing it changes the issuers. */
  readonly host: string;
  /** Address of the first administrator; used once. */
  readonly adminEmail: string;
  readonly replicas: number;
  /** @default small */
  readonly size?: Size;
}

/**
 * Authentik, written natively: servers and workers from one image, with everything in PostgreSQL (it needs no Redis
 * since 2025.10). Each service gets an application and a client of its own: `client()`.
 */
export class Authentik extends Component implements IdentityProvider {
  /** Each client's issuer is below it. */
  readonly issuer: string;
  readonly service: Service;
  /** Secret with the first administrator's password (`akadmin`), beside the server. */
  readonly adminSecretName: string;
  private readonly name: string;
  private readonly access: AuthentikAccess;
  private readonly paths: ConsumerPaths;

  constructor(name: string, args: AuthentikArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("auth");
    super("orrery:platform:Authentik", name, after(opts, namespace));
    this.name = name;
    this.issuer = `https://${args.host}`;
    this.adminSecretName = `${name}-admin`;

    const database = args.postgres.database("authentik", { consumer: this.consumer(namespace) });
    this.access = { database, secretName: this.adminSecretName };
    const secret = this.createSecret(args.adminEmail, namespace);
    this.service = this.createParts(args, namespace, [database, secret]);
    this.paths = new ConsumerPaths(this.service, HTTP_PORT, this);
    args.gateway.route(name, { host: args.host, backend: this.service.backend("http") }, this.child());

    this.registerOutputs({ issuer: this.issuer, adminSecretName: this.adminSecretName });
  }

  client(name: string, args: OidcClientArgs): OidcClient {
    this.paths.open(args.consumer);
    return new AuthentikClient(
      `${this.name}-${name}`,
      {
        ...args,
        clientId: name,
        url: this.issuer,
        internalUrl: `http://${this.service.host}:${HTTP_PORT}`,
        server: this.service,
        access: this.access,
      },
      // The Job needs the tables, and the flows that the worker makes at its first start: it is tried again until then.
      this.child({ dependsOn: [this.service] }),
    );
  }

  private createSecret(email: string, namespace: DomainNamespace): pulumi.Resource {
    const made = (role: string, length: number) =>
      new random.RandomPassword(`${this.name}-${role}`, { length, special: false }, this.child()).result;
    return new k8s.core.v1.Secret(
      this.adminSecretName,
      {
        metadata: metadata(this.consumer(namespace).identity, {
          name: this.adminSecretName,
          namespace: namespace.name,
        }),
        type: "Opaque",
        stringData: {
          [SECRET_KEYS.email]: email,
          [SECRET_KEYS.password]: made("admin", 32),
          [SECRET_KEYS.secretKey]: made("secret-key", 64),
        },
      },
      this.child(),
    );
  }

  private createParts(args: AuthentikArgs, namespace: DomainNamespace, dependsOn: pulumi.Resource[]): Service {
    const pods = { access: this.access, replicas: args.replicas, size: args.size ?? "small" };
    new Service(`${this.name}-worker`, { ...authentikWorker(pods), namespace }, this.child({ dependsOn }));
    return new Service(this.name, { ...authentikServer(pods), namespace }, this.child({ dependsOn }));
  }

  /** All parts at once: one path to the database for servers, workers and Jobs. */
  private consumer(namespace: DomainNamespace): Consumer {
    const identity = serviceIdentity(this.name, { ...authentikSoftware("server"), namespace });
    return { identity, pods: authentikPods(namespace.name), namespace };
  }
}
