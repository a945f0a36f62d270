import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Handle } from "../../kit/capability";
import type { Certificates } from "../../kit/certificates";
import { type GeneratedSecret, generatedSecret } from "../../kit/generated-secret";
import { metadata } from "../../kit/labels";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { Backend } from "../../kit/route";
import { backendTls, serverCertificate, serviceDnsNames } from "../../kit/server-certificate";
import { Service } from "../../kit/service";
import type { OidcClient } from "../../kit/sign-in";
import type { ModelServer } from "../model-server";
import { KEYS_FILE, keyFile } from "./keys";
import { GATEWAY_NAME, gatewaySoftware } from "./names";
import { gatewayPods, MASTER_KEY, METRICS_TOKEN } from "./pods";
import type { ModelRegistry } from "./registry";

/** Counters that several gateways share. */
export type SharedCounters = Handle & {
  readonly user: string;
  readonly encrypted: boolean;
  readonly sentinelHosts: readonly string[];
};

export interface ModelGatewayArgs {
  /** Who may ask what. No consumer can be added once the gateway is made. */
  readonly registry: ModelRegistry;
  /** Everything that answers for a model. */
  readonly servers: readonly ModelServer[];
  /** More than one needs `counters`. @default 1 */
  readonly replicas?: number;
  /** @default - each gateway counts for itself, in its memory */
  readonly counters?: SharedCounters;
  /** The registry's, too. @default - plain HTTP inside the cluster */
  readonly certificates?: Certificates;
  /** In whose name people sign in who may try the models. @default - people have no access */
  readonly people?: OidcClient;
}

/** LiteLLM before all models: one address, a key for each consumer, limits. It keeps nothing. */
export class ModelGateway extends Component {
  readonly service: Service;
  /** What answers behind a route. */
  readonly backend: Backend;

  constructor(name: string, args: ModelGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    const { registry, servers, replicas = 1, counters, certificates, people } = args;
    const { namespace, gateway } = registry;
    super("orrery:inference:ModelGateway", name, after(opts, namespace, counters?.ready, people?.ready));
    if (replicas > 1 && counters === undefined) {
      throw new Error(
        `Model gateway: ${replicas} gateways would each allow the whole of every limit. Set orrery:services.valkey.enabled to true, or orrery:inference.gateway.replicas to 1.`,
      );
    }
    const credentials = this.createCredentials(registry);
    const keys = this.createKeys(registry, credentials, people === undefined ? undefined : servers);
    const certificate = certificates && this.createCertificate(certificates, registry);
    for (const server of servers) server.open(gateway, this);
    if (people !== undefined) this.openIdentity(registry, people);

    const pods = gatewayPods({
      environment: namespace.environment,
      namespace: namespace.name,
      servers,
      keysSecret: KEYS_SECRET,
      credentialsSecret: credentials.secretName,
      counters,
      ...(certificate && {
        tls: { secretName: certificate.secretName, caConfigMap: certificate.trust(namespace.name).configMap },
      }),
      ...(people && { people: { ...people, keys: keysUrl(people) } }),
    });
    this.service = new Service(
      GATEWAY_NAME,
      { ...gatewaySoftware, ...pods, replicas, namespace },
      after(this.child(), credentials.ready, keys, certificate?.ready),
    );
    const { host } = this.service;
    this.backend = this.service.backend("http", certificates && backendTls(certificates, namespace.name, host));

    this.registerOutputs({ host });
  }

  private createCredentials({ gateway, namespace }: ModelRegistry): GeneratedSecret {
    const request = { owner: gateway.identity, namespace: namespace.name, keys: [MASTER_KEY, METRICS_TOKEN] };
    return generatedSecret(`${GATEWAY_NAME}-credentials`, request, this.child());
  }

  /** Everybody has asked by now. */
  private createKeys(
    registry: ModelRegistry,
    { values }: GeneratedSecret,
    forPeople: readonly ModelServer[] | undefined,
  ): pulumi.Resource {
    const { gateway, namespace } = registry;
    const people = forPeople?.map(({ service }) => service.name);
    const file = keyFile({ access: registry.close(), metricsToken: values[METRICS_TOKEN]!, people });
    return new k8s.core.v1.Secret(
      KEYS_SECRET,
      {
        metadata: metadata(gateway.identity, { name: KEYS_SECRET, namespace: namespace.name }),
        type: "Opaque",
        stringData: { [KEYS_FILE]: file },
      },
      this.child(),
    );
  }

  private createCertificate(certificates: Certificates, { gateway, namespace: { name: namespace } }: ModelRegistry) {
    const dnsNames = serviceDnsNames(GATEWAY_NAME, namespace);
    const request = { certificates, namespace, owner: gateway.identity, dnsNames };
    return serverCertificate(GATEWAY_NAME, request, this.child());
  }

  /** It reads the provider's public keys, by which it believes what a sign-in says. */
  private openIdentity({ gateway: { pods, identity: owner } }: ModelRegistry, people: OidcClient): void {
    const { port, protocol } = new URL(keysUrl(people));
    const ports = [{ name: "oidc", port: Number(port || (protocol === "https:" ? 443 : 80)) }];
    openPath(`${GATEWAY_NAME}-provider`, { from: pods, to: people.provider, ports, owner }, this.child());
  }
}

const KEYS_SECRET = `${GATEWAY_NAME}-keys`;

function keysUrl({ endpoints, issuer }: OidcClient): string {
  if (endpoints === undefined) throw new Error(`Model gateway: ${issuer} does not say where its keys are.`);
  return endpoints.keys;
}
