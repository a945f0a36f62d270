import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { PodIdentity } from "../../kit/labels";
import { after } from "../../kit/options";
import { Service } from "../../kit/service";
import type { OidcClient, OidcClientArgs, OidcEndpoints } from "../../kit/sign-in";
import { CLIENT_SECRET_VARIABLE, clientBlueprint } from "./authentik-blueprint";
import { type AuthentikAccess, authentikSetup } from "./authentik-pods";
import { CLIENT_KEYS, checkClient, createClientSecrets } from "./client";

export interface AuthentikClientArgs extends OidcClientArgs {
  readonly clientId: string;
  /** `https://host` of the servers. */
  readonly url: string;
  /** `http://host:port` inside the cluster. */
  readonly internalUrl: string;
  readonly server: Service;
  readonly access: AuthentikAccess;
}

/** A client: its Secret where the consumer is, and the Job that makes application and provider in Authentik. */
export class AuthentikClient extends Component implements OidcClient {
  readonly issuer: string;
  readonly internalUrl: string;
  readonly endpoints: OidcEndpoints;
  readonly clientId: string;
  readonly secretName: string;
  readonly secretNamespace: string;
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: AuthentikClientArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:AuthentikClient", name, after(opts, args.consumer.namespace));
    checkClient(args.clientId, args);
    this.issuer = `${args.url}/application/o/${args.clientId}/`;
    this.internalUrl = `${args.internalUrl}/application/o/${args.clientId}/`;
    this.endpoints = {
      authorization: `${args.url}/application/o/authorize/`,
      token: `${args.internalUrl}/application/o/token/`,
      keys: `${this.internalUrl}jwks/`,
      logout: `${this.issuer}end-session/`,
    };
    this.clientId = args.clientId;
    // With the provider in it: another provider makes another Secret, and the two never fight over one.
    this.secretName = `${name}-oidc`;
    this.secretNamespace = args.consumer.namespace.name;
    this.provider = args.server.pods;

    const secrets = createClientSecrets(name, { ...args, secretName: this.secretName }, this);
    const blueprint = {
      file: `${args.clientId}.yaml`,
      text: clientBlueprint({ clientId: args.clientId, redirectUris: args.redirectUris, groups: args.groups ?? [] }),
    };
    const environment = { [CLIENT_SECRET_VARIABLE]: { secret: this.secretName, key: CLIENT_KEYS.secret } };
    new Service(
      name,
      { ...authentikSetup(args.access, blueprint, environment), namespace: args.server.namespace },
      this.child({ dependsOn: secrets }),
    );

    this.registerOutputs({ clientId: this.clientId, issuer: this.issuer, secretName: this.secretName });
  }
}
