import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Consumer, Handle } from "../../kit/capability";
import { metadata, type PodIdentity } from "../../kit/labels";
import { after } from "../../kit/options";
import type { Service } from "../../kit/service";
import { GRPC_PORT, HTTP_PORT } from "./pods";
import { accessToken, type TokenAccess } from "./token";

export type CollectionsProtocol = "http" | "grpc";

export interface CollectionsArgs {
  readonly service: Service;
  readonly apiKey: pulumi.Input<string>;
  /** The authority of the server's certificate in a namespace. @default - plain text */
  readonly trust?: (namespace: string) => { readonly configMap: string; readonly ready: pulumi.Resource };
  /** What the names of the consumer's collections begin with. Lower case letters, digits and dashes. */
  readonly prefix: string;
  /** Collections that it may use, by their whole names, and no others. @default - the API key: it may do everything */
  readonly names?: readonly string[];
  /** It may read only. @default false */
  readonly readOnly?: boolean;
  /** @default - nobody yet: the Secret is beside the server, and no network path is opened */
  readonly consumer?: Consumer;
  /** @default http */
  readonly protocol?: CollectionsProtocol;
}

/**
 * A consumer's access to Qdrant: its Secret, and its one way to the server. Qdrant knows rights to collections by their
 * whole names only, so a prefix alone is an agreement between consumers and no wall.
 */
export class Collections extends Component implements Handle {
  readonly host: string;
  readonly port: number;
  readonly prefix: string;
  readonly secretName: string;
  readonly secretNamespace: string;
  readonly caConfigMap?: string;
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: CollectionsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { service, consumer, protocol = "http" } = args;
    const home = consumer?.namespace ?? service.namespace;
    const authority = args.trust?.(home.name);
    super("orrery:data:Collections", name, after(opts, home, service, authority?.ready));
    checkPrefix(args.prefix);
    this.host = service.host;
    this.port = protocol === "http" ? HTTP_PORT : GRPC_PORT;
    this.prefix = args.prefix;
    this.secretName = name;
    this.secretNamespace = home.name;
    this.caConfigMap = authority?.configMap;
    this.provider = service.pods;

    this.createSecret(name, args);
    if (consumer !== undefined) service.open(consumer, protocol, this);

    this.registerOutputs({ host: this.host, port: this.port, secretName: this.secretName });
  }

  private createSecret(name: string, { consumer, service, apiKey, names = [], readOnly }: CollectionsArgs): void {
    const access = accessOf(names, readOnly);
    new k8s.core.v1.Secret(
      name,
      {
        metadata: metadata(consumer?.identity ?? service.identity, {
          name: this.secretName,
          namespace: this.secretNamespace,
        }),
        type: "Opaque",
        stringData: {
          host: this.host,
          port: String(this.port),
          url: `${this.caConfigMap === undefined ? "http" : "https"}://${this.host}:${this.port}`,
          prefix: this.prefix,
          // Clients show a token as they show the key.
          "api-key":
            access === undefined
              ? apiKey
              : pulumi.secret(pulumi.output(apiKey).apply((key) => accessToken(key, access))),
        },
      },
      this.child(),
    );
  }
}

/** What a token says; undefined where only the API key itself will do. */
function accessOf(names: readonly string[], readOnly = false): TokenAccess | undefined {
  if (names.length > 0) return names.map((collection) => ({ collection, access: readOnly ? "r" : "rw" }));
  return readOnly ? "r" : undefined;
}

/** The prefix stands in a Secret's name and in collection names. */
function checkPrefix(prefix: string): void {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(prefix)) {
    throw new Error(
      `Collection prefix "${prefix}": allowed are a-z, 0-9 and -, a letter first, at most 31 characters. ` +
        "Choose another prefix.",
    );
  }
}
