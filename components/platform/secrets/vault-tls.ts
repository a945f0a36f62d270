import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { Component } from "../../base";
import { type Identity, metadata } from "../../kit/labels";

/** Ten years for the authority; five for the certificate, made anew by the first `up` in its last year. */
const CA_HOURS = 87_600;
const CERTIFICATE_HOURS = 43_800;
const RENEW_HOURS = 8_760;

const KEY = { algorithm: "ECDSA", ecdsaCurve: "P256" } as const;

export interface VaultTlsArgs {
  readonly namespace: string;
  readonly owner: Identity;
  readonly dnsNames: readonly string[];
}

/**
 * Vault's certificate and the authority of its own behind it. Not from cert-manager: what cert-manager needs (the token
 * for DNS) may itself come from Vault, and a server that has to be unsealed by hand must not restart every two months.
 */
export class VaultTls extends Component {
  /** Secret with ca.crt, tls.crt and tls.key. */
  readonly secretName: string;
  /** PEM of the authority; not secret. */
  readonly caPem: pulumi.Output<string>;

  constructor(name: string, args: VaultTlsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:VaultTls", name, opts);
    this.secretName = name;
    const authority = this.authority(`${name}-ca`);
    const { certificate, key } = this.certificate(name, args, authority);
    this.caPem = authority.certificate.certPem;

    new k8s.core.v1.Secret(
      name,
      {
        metadata: metadata(args.owner, { name, namespace: args.namespace }),
        type: "kubernetes.io/tls",
        stringData: { "ca.crt": this.caPem, "tls.crt": certificate.certPem, "tls.key": key.privateKeyPem },
      },
      this.child(),
    );

    this.registerOutputs({ secretName: this.secretName });
  }

  private authority(name: string) {
    const key = new tls.PrivateKey(name, KEY, this.child());
    const certificate = new tls.SelfSignedCert(
      name,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: name },
        isCaCertificate: true,
        allowedUses: ["cert_signing", "digital_signature"],
        validityPeriodHours: CA_HOURS,
      },
      this.child(),
    );
    return { key, certificate };
  }

  private certificate(name: string, { dnsNames }: VaultTlsArgs, authority: ReturnType<VaultTls["authority"]>) {
    const key = new tls.PrivateKey(name, KEY, this.child());
    const request = new tls.CertRequest(
      name,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: dnsNames[0] },
        dnsNames: [...dnsNames],
        ipAddresses: ["127.0.0.1"],
      },
      this.child(),
    );
    const certificate = new tls.LocallySignedCert(
      name,
      {
        certRequestPem: request.certRequestPem,
        caPrivateKeyPem: authority.key.privateKeyPem,
        caCertPem: authority.certificate.certPem,
        allowedUses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
        validityPeriodHours: CERTIFICATE_HOURS,
        earlyRenewalHours: RENEW_HOURS,
      },
      this.child(),
    );
    return { key, certificate };
  }
}
