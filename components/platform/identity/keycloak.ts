import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { Postgres } from "../../data/postgres";
import type { Consumer } from "../../kit/capability";
import { metadata } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { Gateway } from "../../kit/route";
import { consumerOf, Service } from "../../kit/service";
import type { IdentityProvider, OidcClient, OidcClientArgs } from "../../kit/sign-in";
import type { Size } from "../../kit/sizes";
import { ConsumerPaths } from "./consumer-paths";
import { KeycloakClient } from "./keycloak-client";
import { createKeycloakJob, type KeycloakAccess, keycloakJobPods } from "./keycloak-job";
import { ADMIN_KEYS, HTTP_PORT, keycloakPods, keycloakSoftware } from "./keycloak-pods";
import { realmDefinition, realmScript } from "./keycloak-scripts";

export interface KeycloakArgs {
  readonly namespaces: Namespaces;
  readonly postgres: Postgres;
  readonly gateway: Gateway;
  /** Full DNS name under which people sign in. Changing it changes the issuer. */
  readonly host: string;
  /** Realm of people, groups and clients. Changing it makes a new, empty one. */
  readonly realm: string;
  readonly replicas: number;
  /** @default small */
  readonly size?: Size;
}

/** Keycloak, written natively, with its users in PostgreSQL. Each service gets a client of its own: `client()`. */
export class Keycloak extends Component implements IdentityProvider {
  readonly issuer: string;
  readonly service: Service;
  /** Secret with the first administrator's name and password, beside the server. */
  readonly adminSecretName: string;
  private readonly name: string;
  private readonly access: KeycloakAccess;
  private readonly realm: pulumi.Resource;
  private readonly paths: ConsumerPaths;

  constructor(name: string, args: KeycloakArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("auth");
    super("orrery:platform:Keycloak", name, after(opts, namespace));
    this.name = name;
    this.adminSecretName = `${name}-admin`;
    this.issuer = `https://${args.host}/realms/${args.realm}`;

    this.service = this.createService(args, namespace, this.createAdmin(namespace));
    this.access = {
      url: `http://${this.service.host}:${HTTP_PORT}`,
      realm: args.realm,
      adminSecret: this.adminSecretName,
    };
    this.paths = new ConsumerPaths(this.service, HTTP_PORT, this);
    this.realm = this.createRealm(args.realm, namespace);
    args.gateway.route(name, { host: args.host, backend: this.service.backend("http") }, this.child());

    this.registerOutputs({ issuer: this.issuer, adminSecretName: this.adminSecretName });
  }

  client(name: string, args: OidcClientArgs): OidcClient {
    this.paths.open(args.consumer);
    return new KeycloakClient(
      `${this.name}-${name}`,
      {
        ...args,
        clientId: name,
        issuer: this.issuer,
        internalUrl: `${this.access.url}/realms/${this.access.realm}`,
        server: this.service,
        access: this.access,
      },
      this.child({ dependsOn: [this.realm] }),
    );
  }

  private createAdmin(namespace: DomainNamespace): pulumi.Resource {
    const password = new random.RandomPassword(this.adminSecretName, { length: 32, special: false }, this.child());
    return new k8s.core.v1.Secret(
      this.adminSecretName,
      {
        metadata: metadata(this.consumer(namespace).identity, {
          name: this.adminSecretName,
          namespace: namespace.name,
        }),
        type: "kubernetes.io/basic-auth",
        stringData: { [ADMIN_KEYS.user]: "admin", [ADMIN_KEYS.password]: password.result },
      },
      this.child(),
    );
  }

  private createService(args: KeycloakArgs, namespace: DomainNamespace, admin: pulumi.Resource): Service {
    const database = args.postgres.database("keycloak", { consumer: this.consumer(namespace) });
    const pods = keycloakPods({
      replicas: args.replicas,
      size: args.size ?? "small",
      host: args.host,
      database,
      adminSecret: this.adminSecretName,
      traces: namespace.telemetry.traces(this.consumer(namespace)),
    });
    return new Service(this.name, { ...pods, namespace }, this.child({ dependsOn: [database, admin] }));
  }

  /** After the server: the Job waits for nobody, and a first start takes a minute. */
  private createRealm(realm: string, namespace: DomainNamespace): pulumi.Resource {
    const { identity: owner, pods } = this.service;
    openPath(
      `${this.name}-setup`,
      { from: keycloakJobPods(namespace.name), to: pods, ports: [{ name: "http", port: HTTP_PORT }], owner },
      this.child(),
    );
    const files = { "realm.json": JSON.stringify(realmDefinition({ realm }), undefined, 2) };
    return createKeycloakJob(
      `${this.name}-realm`,
      { namespace, access: this.access, script: realmScript, files },
      this.child({ dependsOn: [this.service] }),
    );
  }

  private consumer(namespace: DomainNamespace): Consumer {
    return consumerOf(this.name, { ...keycloakSoftware, namespace });
  }
}
