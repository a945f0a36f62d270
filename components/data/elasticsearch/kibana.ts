import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Certificates } from "../../kit/certificates";
import { createDisruptionBudget } from "../../kit/disruption-budget";
import { images, imageVersion } from "../../kit/images";
import { type Identity, metadata, type PodIdentity, podIdentity } from "../../kit/labels";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { Backend, BackendTls } from "../../kit/route";
import { serviceDnsNames } from "../../kit/server-certificate";
import { HTTP_PORT } from "./cluster";
import { KIBANA_PORT, kibanaReplicas, kibanaService, kibanaSpec } from "./kibana-spec";
import type { SearchServer } from "./search-index";

export interface KibanaArgs {
  readonly server: SearchServer;
  /** Where people find it, e.g. https://kibana.example.com. */
  readonly publicUrl: string;
  /** Issues its certificate. @default - none: plain HTTP inside the cluster */
  readonly certificates?: Certificates;
}

/** Kibana, run by ECK. It has a user of Elasticsearch of its own, which ECK makes; people bring theirs. */
export class Kibana extends Component {
  private readonly identity: Identity;
  private readonly pods: PodIdentity;
  private readonly tls?: BackendTls;

  constructor(
    private readonly name: string,
    private readonly args: KibanaArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:data:Kibana", name, opts);
    const { server, certificates } = args;
    const namespace = server.namespace.name;
    const version = imageVersion(images.kibana);
    this.identity = { name: "kibana", instance: name, component: "console", domain: namespace, version };
    this.pods = podIdentity(this.identity, namespace);

    openPath(
      `${name}-elasticsearch`,
      { from: this.pods, to: server.pods, ports: [{ name: "http", port: HTTP_PORT }], owner: this.identity },
      this.child(),
    );
    const dnsNames = serviceDnsNames(kibanaService(name), namespace);
    const certificate = certificates?.internal(name, { namespace, owner: this.identity, dnsNames }, this.child());
    this.tls = certificates && backendTls(certificates, namespace, dnsNames[0]!);
    this.createBudget(namespace);
    this.createKibana(namespace, certificate);

    this.registerOutputs({ url: args.publicUrl });
  }

  /** As what answers behind a route. */
  backend(): Backend {
    const { identity, pods, tls } = this;
    const { namespace } = this.args.server;
    return { identity, namespace, service: kibanaService(this.name), port: KIBANA_PORT, pods, ...(tls && { tls }) };
  }

  /** ECK makes one for Elasticsearch only. */
  private createBudget(namespace: string): void {
    if (kibanaReplicas(this.args.server.namespace.environment) === 1) return;
    createDisruptionBudget(this.name, { identity: this.identity, namespace }, this.child());
  }

  private createKibana(
    namespace: string,
    certificate: { readonly secretName: string; readonly ready: pulumi.Resource } | undefined,
  ): void {
    const { server, publicUrl } = this.args;
    const { environment } = server.namespace;
    new k8s.apiextensions.CustomResource(
      this.name,
      {
        apiVersion: "kibana.k8s.elastic.co/v1",
        kind: "Kibana",
        metadata: metadata(this.identity, {
          namespace,
          annotations: { "pulumi.com/waitFor": "jsonpath={.status.health}=green" },
        }),
        spec: kibanaSpec({
          identity: this.identity,
          environment,
          elasticsearch: server.name,
          publicUrl,
          tlsSecret: certificate?.secretName,
        }),
      },
      { ...after(this.child(), certificate?.ready), customTimeouts: { create: "20m", update: "20m" } },
    );
  }
}

function backendTls(certificates: Certificates, namespace: string, hostname: string): BackendTls {
  const { configMap, ready, pem } = certificates.trust(namespace);
  return { hostname, caConfigMap: configMap, ready, ...(pem && { caPem: pem }) };
}
