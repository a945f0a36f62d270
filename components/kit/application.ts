import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { type ApplicationDefinition, applicationPods } from "./application-definition";
import type { Consumer, Handle } from "./capability";
import { type GeneratedSecret, generatedSecret } from "./generated-secret";
import { imageVersion } from "./images";
import type { ModelHandle, Models } from "./models";
import type { Namespaces } from "./namespace";
import { openWorld } from "./network-policy";
import { after } from "./options";
import type { Gateway } from "./route";
import { consumerOf, Service } from "./service";
import { type IdentityProvider, signInRedirectUri } from "./sign-in";
import type { Size } from "./sizes";

/** Whoever hands out databases. */
export interface Databases {
  database(name: string, options: { readonly consumer: Consumer }): Handle;
}

export interface Exposure {
  /** Full DNS name. */
  readonly host: string;
  readonly gateway: Gateway;
  /** Who signs people in before they are let through. @default - the application itself decides */
  readonly signIn?: IdentityProvider;
}

export interface ApplicationArgs {
  readonly namespaces: Namespaces;
  /** Needed where the definition asks for a database. */
  readonly databases?: Databases;
  /** Needed where the definition asks for models. */
  readonly models?: Models;
  /** @default 1 */
  readonly replicas?: number;
  /** @default small */
  readonly size?: Size;
  /** @default - inside the cluster only */
  readonly exposed?: Exposure;
}

/** An application, made from what is unique to it: pods, database, models, made-up secrets, way in and ways out. */
export class Application extends Component {
  readonly service: Service;
  /** Where people find it; undefined inside the cluster only. */
  readonly url: string | undefined;

  constructor(
    name: string,
    definition: ApplicationDefinition,
    args: ApplicationArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const namespace = args.namespaces.get(definition.domain);
    super("orrery:apps:Application", name, after(opts, namespace));
    const { software, component, image } = definition;
    const about = { software, component, version: imageVersion(image), namespace };
    const consumer = consumerOf(name, about);
    this.url = args.exposed && `https://${args.exposed.host}`;

    const database = this.createDatabase(name, definition, consumer, args.databases);
    const models = this.askModels(name, definition, consumer, args.models);
    const secret = this.createSecret(name, definition, consumer);
    this.openWaysOut(name, definition, consumer);
    const pods = applicationPods(definition, {
      environment: namespace.environment,
      url: this.url,
      databaseSecret: database?.secretName,
      databaseAuthority: database?.caConfigMap,
      generatedSecret: secret?.secretName,
      modelSecret: models?.secretName,
      modelAuthority: models?.caConfigMap,
      traces: definition.traces && args.namespaces.telemetry.traces(consumer),
      ...args,
    });
    const dependsOn = [database?.ready, models?.ready, secret?.ready].filter((resource) => resource !== undefined);
    this.service = new Service(name, { ...about, ...pods }, this.child({ dependsOn }));
    if (args.exposed !== undefined) {
      this.createRoutes(name, definition, args.exposed, consumer);
    }

    this.registerOutputs({ host: this.service.host, url: this.url });
  }

  private createDatabase(
    name: string,
    { database }: ApplicationDefinition,
    consumer: Consumer,
    databases: Databases | undefined,
  ): Handle | undefined {
    if (database === undefined) {
      return undefined;
    }
    if (databases === undefined) {
      throw new Error(`${name} keeps its data in PostgreSQL: set orrery:services.postgres.enabled to true.`);
    }
    return databases.database(database.name, { consumer });
  }

  /** All of them go through one key: any of the handles has its Secret. */
  private askModels(
    name: string,
    { models: wanted }: ApplicationDefinition,
    consumer: Consumer,
    models: Models | undefined,
  ): ModelHandle | undefined {
    if (wanted === undefined) {
      return undefined;
    }
    if (models === undefined) {
      throw new Error(`${name} asks the models ${wanted.names.join(", ")}: set orrery:inference.enabled to true.`);
    }
    return wanted.names.map((model) => models.model(model, { consumer })).at(0);
  }

  private createSecret(
    name: string,
    { generated = [] }: ApplicationDefinition,
    { identity: owner, namespace }: Consumer,
  ): GeneratedSecret | undefined {
    return generated.length === 0
      ? undefined
      : generatedSecret(`${name}-generated`, { owner, namespace: namespace.name, keys: generated }, this.child());
  }

  private openWaysOut(
    name: string,
    { internetPorts = [] }: ApplicationDefinition,
    { pods, identity: owner }: Consumer,
  ): void {
    if (internetPorts.length > 0) {
      const egress = internetPorts.map((port) => ({ name: `tcp-${port}`, port }));
      openWorld(`${name}-world`, { pods, owner, egress }, this.child());
    }
  }

  /** One route for people; a path that machines call is let through without sign-in. */
  private createRoutes(
    name: string,
    { machinePaths = [] }: ApplicationDefinition,
    { host, gateway, signIn }: Exposure,
    consumer: Consumer,
  ): void {
    const backend = this.service.backend("http");
    const client = signIn?.client(name, { consumer, redirectUris: [signInRedirectUri(host)] });
    gateway.route(name, { host, backend, signIn: client && { kind: "oidc", client } }, this.child());
    if (client !== undefined) {
      for (const [index, path] of machinePaths.entries()) {
        gateway.route(`${name}-machines-${index + 1}`, { host, path, backend }, this.child());
      }
    }
  }
}
