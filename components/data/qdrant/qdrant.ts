import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Certificates } from "../../kit/certificates";
import { type GeneratedSecret, generatedSecret } from "../../kit/generated-secret";
import { imageReference, images, imageVersion } from "../../kit/images";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import type { Backend } from "../../kit/route";
import { backendTls, type ServerCertificate, serverCertificate, serviceDnsNames } from "../../kit/server-certificate";
import { consumerOf, Service, serviceIdentity } from "../../kit/service";
import type { Size } from "../../kit/sizes";
import { Collections, type CollectionsArgs } from "./collections";
import { API_KEY, apiKeySecretName, COMPONENT, HTTP_PORT, qdrantPods, READ_ONLY_KEY } from "./pods";
import { type QdrantBackupSettings, QdrantSnapshots } from "./snapshots";

export interface QdrantArgs {
  readonly namespaces: Namespaces;
  /** @default - plain text inside the cluster */
  readonly certificates?: Certificates;
  /** Members of the cluster; more than one switches cluster mode on. @default 1 */
  readonly replicas?: number;
  /** Size of each member's volume in GiB, snapshots included. */
  readonly storageGiB: number;
  /** Changing it replaces the workload; the data does not move by itself. */
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
  /** Snapshots to a bucket. @default - none: Velero copies the volumes, where it runs */
  readonly backup?: QdrantBackupSettings;
}

/** The vector database, written natively. A service gets a prefix for its collections: `collections()`. */
export class Qdrant extends Component {
  readonly service: Service;
  readonly host: string;
  readonly port = HTTP_PORT;
  /** Secret beside the server that holds the API key. */
  readonly secretName: string;
  readonly secretNamespace: string;
  /** What answers behind a route. */
  readonly backend: Backend;
  private readonly name: string;
  private readonly apiKey: pulumi.Output<string>;
  private readonly trust?: CollectionsArgs["trust"];

  constructor(name: string, args: QdrantArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("vec");
    super("orrery:data:Qdrant", name, after(opts, namespace));
    this.name = name;
    this.secretName = apiKeySecretName(name);
    this.secretNamespace = namespace.name;

    const keys = this.createKeys(namespace);
    this.apiKey = keys.values[API_KEY]!;
    const certificate = this.createCertificate(args, namespace);
    this.trust = certificate && ((at) => certificate.trust(at));
    this.service = this.createService(args, namespace, certificate, keys);
    this.host = this.service.host;
    const { certificates, backup, replicas = 1 } = args;
    this.backend = this.service.backend("http", certificates && backendTls(certificates, namespace.name, this.host));
    if (backup !== undefined) {
      const caConfigMap = certificate?.trust(namespace.name).configMap;
      const request = { service: this.service, replicas, schedule: backup.schedule, caConfigMap };
      new QdrantSnapshots(`${name}-snapshots`, request, this.child());
    }

    this.registerOutputs({ host: this.host, port: this.port, secretName: this.secretName });
  }

  /** Where to keep collections whose names begin with `prefix`; opens the one way from the consumer. */
  collections(
    prefix: string,
    options: Omit<CollectionsArgs, "service" | "apiKey" | "trust" | "prefix"> = {},
  ): Collections {
    const { service, apiKey, trust } = this;
    return new Collections(`${this.name}-${prefix}`, { service, apiKey, trust, prefix, ...options }, this.child());
  }

  private createKeys(namespace: DomainNamespace): GeneratedSecret {
    const owner = serviceIdentity(this.name, qdrantName(namespace));
    const request = { owner, namespace: namespace.name, keys: [API_KEY, READ_ONLY_KEY] };
    return generatedSecret(this.secretName, request, this.child());
  }

  private createCertificate({ certificates }: QdrantArgs, at: DomainNamespace): ServerCertificate | undefined {
    const owner = serviceIdentity(this.name, qdrantName(at));
    const namespace = at.name;
    const dnsNames = serviceDnsNames(this.name, namespace, { headless: `${this.name}-headless` });
    return certificates && serverCertificate(this.name, { certificates, namespace, owner, dnsNames }, this.child());
  }

  private createService(
    args: QdrantArgs,
    namespace: DomainNamespace,
    certificate: ServerCertificate | undefined,
    keys: GeneratedSecret,
  ): Service {
    const { objects, bucket, retentionDays: expireDays } = args.backup ?? {};
    const consumer = consumerOf(this.name, qdrantName(namespace));
    const snapshots = bucket === undefined ? undefined : objects?.bucket(bucket, { consumer, expireDays });
    const facts = { ...args, namespace: namespace.name, environment: namespace.environment };
    const caConfigMap = certificate?.trust(namespace.name).configMap;
    const pods = qdrantPods(this.name, { ...facts, tlsSecret: certificate?.secretName, caConfigMap, snapshots });
    const request = { ...pods, image: imageReference(images.qdrant), namespace };
    return new Service(this.name, request, after(this.child(), keys.ready, certificate?.ready, snapshots?.ready));
  }
}

function qdrantName(namespace: DomainNamespace) {
  return { software: "qdrant", component: COMPONENT, version: imageVersion(images.qdrant), namespace };
}
