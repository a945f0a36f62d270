import type * as pulumi from "@pulumi/pulumi";
import type { Identity } from "./labels";

export interface CertificateArgs {
  /** Where the Secret will be. */
  readonly namespace: string;
  readonly owner: Identity;
  /** DNS names; the first one is the common name where it is not too long. */
  readonly dnsNames: readonly string[];
  /** Secret with tls.crt, tls.key and, for the internal authority, ca.crt. @default the certificate's name */
  readonly secretName?: string;
  /** More labels of the Secret, for who watches it by them. @default - none */
  readonly secretLabels?: Readonly<Record<string, string>>;
}

export interface CertificateHandle {
  readonly secretName: string;
  readonly namespace: string;
  /** Depend on this: the certificate has been issued. */
  readonly ready: pulumi.Resource;
}

/** Certificates, renewed by themselves. */
export interface Certificates {
  /** Depend on this: certificates and issuers are known, also to charts that make their own. @default - nothing to wait for */
  readonly ready?: pulumi.Resource;
  /** For what the world sees: from the issuer of the settings. */
  public(name: string, args: CertificateArgs, opts?: pulumi.ComponentResourceOptions): CertificateHandle;
  /** For connections inside the cluster: from the environment's own authority. */
  internal(name: string, args: CertificateArgs, opts?: pulumi.ComponentResourceOptions): CertificateHandle;
  /**
   * The internal authority's certificate as ConfigMap `internal-ca` with the key `ca.crt` in a namespace; made once for
   * each namespace. Returns the ConfigMap's name, what to depend on, and what is in it.
   */
  trust(namespace: string, opts?: pulumi.ComponentResourceOptions): Trust;
}

/** An authority that is believed in a namespace. */
export interface Trust {
  /** ConfigMap with the key `ca.crt`. */
  readonly configMap: string;
  /** Depend on this: the ConfigMap is there. */
  readonly ready: pulumi.Resource;
  /** The authority's certificate in PEM; not secret. */
  readonly pem?: pulumi.Output<string>;
}
