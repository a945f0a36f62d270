import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import type { Consumer } from "../kit/capability";
import { type GeneratedSecret, generatedSecret } from "../kit/generated-secret";
import { imageReference, images, imageVersion } from "../kit/images";
import type { DomainNamespace, Namespaces } from "../kit/namespace";
import { after } from "../kit/options";
import { Service, serviceIdentity } from "../kit/service";
import type { Size } from "../kit/sizes";
import { Collections, type CollectionsProtocol } from "./qdrant-collections";
import { API_KEY, apiKeySecretName, COMPONENT, HTTP_PORT, qdrantPods } from "./qdrant-pods";

export interface QdrantArgs {
  readonly namespaces: Namespaces;
  /** Members of the cluster; more than one switches cluster mode on. @default 1 */
  readonly replicas?: number;
  /** Size of each member's volume in GiB, snapshots included. */
  readonly storageGiB: number;
  /** Changing it replaces the workload; the data does not move by itself. */
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
}

/** The vector database, written natively. A service gets a prefix for its collections: `collections()`. */
export class Qdrant extends Component {
  readonly service: Service;
  readonly host: string;
  readonly port = HTTP_PORT;
  /** Secret beside the server that holds the API key. */
  readonly secretName: string;
  readonly secretNamespace: string;
  private readonly name: string;
  private readonly apiKey: pulumi.Output<string>;

  constructor(name: string, args: QdrantArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("vec");
    super("orrery:data:Qdrant", name, after(opts, namespace));
    this.name = name;
    this.secretName = apiKeySecretName(name);
    this.secretNamespace = namespace.name;

    const apiKey = this.createApiKey(namespace);
    this.apiKey = apiKey.values[API_KEY]!;
    this.service = new Service(
      name,
      {
        ...qdrantPods(name, { ...args, namespace: namespace.name, environment: namespace.environment }),
        image: imageReference(images.qdrant),
        namespace,
      },
      this.child({ dependsOn: [apiKey.ready] }),
    );
    this.host = this.service.host;

    this.registerOutputs({ host: this.host, port: this.port, secretName: this.secretName });
  }

  /** Where to keep collections whose names begin with `prefix`; opens the one way from the consumer. */
  collections(
    prefix: string,
    options: { readonly consumer: Consumer; readonly protocol?: CollectionsProtocol },
  ): Collections {
    return new Collections(
      `${this.name}-${prefix}`,
      { service: this.service, apiKey: this.apiKey, prefix, ...options },
      this.child(),
    );
  }

  private createApiKey(namespace: DomainNamespace): GeneratedSecret {
    const owner = serviceIdentity(this.name, {
      software: "qdrant",
      component: COMPONENT,
      version: imageVersion(images.qdrant),
      namespace,
    });
    const request = { owner, namespace: namespace.name, keys: [API_KEY] };
    return generatedSecret(this.secretName, request, this.child());
  }
}
