import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { Component } from "../../base";
import { type Identity, metadata } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { after } from "../../kit/options";

/** Ten years. It is never replaced by itself: see `generations`. */
const VALIDITY_HOURS = 87_600;

export interface AuthorityArgs {
  /** The cluster's name, which the authority's certificate bears. */
  readonly clusterName: string;
  /**
   * Numbers of the keys that are trusted; the first one signs. A change of the first issues every internal certificate
   * anew, under the new key.
   */
  readonly generations: readonly number[];
  /** cert-manager's namespace: there it looks for the keys of cluster-wide issuers. */
  readonly namespace: DomainNamespace;
  readonly identity: Identity;
  /** Refuse to delete the keys. */
  readonly protection: boolean;
}

/**
 * The environment's own certificate authority, made by the program so that its certificate is known to it: the key is in
 * the state, encrypted, and in one Secret that cert-manager alone reads.
 */
export class InternalAuthority extends Component {
  /** Name of the issuer that signs with the newest key; another key is another issuer. */
  readonly issuer: string;
  /** Secret with the key that signs. */
  readonly secretName: string;
  /** Certificates of all generations, in PEM: what clients trust. */
  readonly trustedPem: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: AuthorityArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:platform:InternalAuthority", name, after(opts, args.namespace));
    const [signing] = args.generations;
    this.issuer = `internal-${signing}`;
    this.secretName = this.issuer;

    const keys = args.generations.map((generation) => this.createKey(generation));
    this.trustedPem = pulumi.all(keys.map(({ certificatePem }) => certificatePem)).apply((all) => all.join(""));
    this.createSecret(keys[0]!);

    this.registerOutputs({ issuer: this.issuer });
  }

  private createKey(generation: number): KeyPair {
    const role = `${this.name}-${generation}`;
    const options = this.child({ protect: this.args.protection });
    // The curve must be said: the provider's default is P224, which TLS clients refuse.
    const { privateKeyPem } = new tls.PrivateKey(role, { algorithm: "ECDSA", ecdsaCurve: "P256" }, options);
    const certificate = new tls.SelfSignedCert(
      role,
      {
        privateKeyPem,
        subject: { organization: this.args.clusterName, commonName: `${this.args.clusterName} internal ${generation}` },
        isCaCertificate: true,
        allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
        validityPeriodHours: VALIDITY_HOURS,
      },
      options,
    );
    // A certificate is public; only its key is not.
    return { privateKeyPem: pulumi.secret(privateKeyPem), certificatePem: pulumi.unsecret(certificate.certPem) };
  }

  private createSecret({ privateKeyPem, certificatePem }: KeyPair): void {
    new k8s.core.v1.Secret(
      this.name,
      {
        metadata: metadata(this.args.identity, { name: this.secretName, namespace: this.args.namespace.name }),
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": certificatePem, "tls.key": privateKeyPem, "ca.crt": certificatePem },
      },
      this.child(),
    );
  }
}

interface KeyPair {
  readonly privateKeyPem: pulumi.Output<string>;
  readonly certificatePem: pulumi.Output<string>;
}
