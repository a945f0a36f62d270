import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { PodIdentity } from "../../kit/labels";
import { after } from "../../kit/options";
import type { Service } from "../../kit/service";
import type { OidcClient, OidcClientArgs, OidcEndpoints } from "../../kit/sign-in";
import { CLIENT_KEYS, checkClient, createClientSecrets } from "./client";
import { createKeycloakJob, type KeycloakAccess } from "./keycloak-job";
import { clientDefinition, clientScript } from "./keycloak-scripts";

export interface KeycloakClientArgs extends OidcClientArgs {
  readonly clientId: string;
  readonly issuer: string;
  /** URL of the realm inside the cluster. */
  readonly internalUrl: string;
  readonly server: Service;
  readonly access: KeycloakAccess;
}

/** A client of the realm: its Secret where the consumer is, and the Job that makes it in Keycloak. */
export class KeycloakClient extends Component implements OidcClient {
  readonly issuer: string;
  readonly internalUrl: string;
  readonly endpoints: OidcEndpoints;
  readonly clientId: string;
  readonly secretName: string;
  readonly secretNamespace: string;
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: KeycloakClientArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:KeycloakClient", name, after(opts, args.consumer.namespace));
    checkClient(args.clientId, args);
    this.issuer = args.issuer;
    this.internalUrl = args.internalUrl;
    this.endpoints = {
      authorization: `${args.issuer}/protocol/openid-connect/auth`,
      token: `${args.internalUrl}/protocol/openid-connect/token`,
      keys: `${args.internalUrl}/protocol/openid-connect/certs`,
      logout: `${args.issuer}/protocol/openid-connect/logout`,
    };
    this.clientId = args.clientId;
    // With the provider in it: another provider makes another Secret, and the two never fight over one.
    this.secretName = `${name}-oidc`;
    this.secretNamespace = args.consumer.namespace.name;
    this.provider = args.server.pods;

    const secrets = createClientSecrets(name, { ...args, secretName: this.secretName }, this);
    createKeycloakJob(
      name,
      {
        namespace: args.server.namespace,
        access: args.access,
        script: clientScript,
        files: {
          "client.json": JSON.stringify(clientDefinition(args), undefined, 2),
          groups: (args.groups ?? []).map((group) => `${group}\n`).join(""),
        },
        environment: {
          CLIENT_ID: args.clientId,
          CLIENT_SECRET: { secret: this.secretName, key: CLIENT_KEYS.secret },
        },
      },
      this.child({ dependsOn: secrets }),
    );

    this.registerOutputs({ clientId: this.clientId, issuer: this.issuer, secretName: this.secretName });
  }
}
