import type * as pulumi from "@pulumi/pulumi";
import type { Identity, PodIdentity } from "./labels";
import type { DomainNamespace } from "./namespace";

/** Who asks for a capability: its pods get the one network path, its namespace gets the Secret. */
export interface Consumer {
  readonly identity: Identity;
  readonly pods: PodIdentity;
  readonly namespace: DomainNamespace;
}

/** What a consumer gets: where to connect, with which Secret, and whose pods answer. */
export interface Handle {
  /** DNS name of the endpoint inside the cluster. */
  readonly host: string;
  readonly port: number;
  /** Secret with the credentials, in the consumer's namespace; `envFrom` its keys by name. */
  readonly secretName: string;
  /**
   * ConfigMap with the key `ca.crt` in the consumer's namespace: the authority that signed the server's certificate.
   * @default - the server speaks plain text, because the environment has no certificates
   */
  readonly caConfigMap?: string;
  /** The pods at the other end. */
  readonly provider: PodIdentity;
  /** Depend on this: everything that the handle speaks of is there. */
  readonly ready: pulumi.Resource;
}
