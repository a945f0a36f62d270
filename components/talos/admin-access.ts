import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { Component } from "../base";
import { type ClientCertificate, kubeconfig, talosconfig } from "./admin-config";
import type { CertificateAuthority, TalosSecrets } from "./secrets";

export interface AdminAccessArgs {
  /** Cluster name; the contexts' name. */
  cluster: string;
  secrets: TalosSecrets;
  /** Public addresses of the control planes, in order. */
  talosEndpoints: pulumi.Input<pulumi.Input<string>[]>;
  /** Host of the Kubernetes API, as administrators reach it. */
  kubernetesHost: pulumi.Input<string>;
  /** How long a certificate is valid. A change renews it. */
  certificateLifetimeHours: number;
  /** An `up` this long before the end renews it. */
  certificateEarlyRenewalHours: number;
}

type Key = { algorithm: "ED25519" } | { algorithm: "ECDSA"; ecdsaCurve: "P256" };

/**
 * The administrators' kubeconfig and talosconfig, derived from the cluster's authorities: they are there before the
 * cluster is, nothing has to be fetched from it, and they renew themselves with any `up` in the renewal period.
 */
export class AdminAccess extends Component {
  readonly kubeconfig: pulumi.Output<string>;
  readonly talosconfig: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: AdminAccessArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:talos:AdminAccess", name, opts);
    const talos = this.certificate("talos", {
      key: { algorithm: "ED25519" },
      subject: { organization: "os:admin" },
      authority: args.secrets.talosCa,
      // Exactly these: Talos refuses a client certificate that may be anything else, a server for instance.
      allowedUses: ["digital_signature", "client_auth"],
    });
    const kubernetes = this.certificate("kubernetes", {
      key: { algorithm: "ECDSA", ecdsaCurve: "P256" },
      subject: { organization: "system:masters", commonName: "admin" },
      authority: args.secrets.kubernetesCa,
      allowedUses: ["digital_signature", "key_encipherment", "client_auth"],
    });
    this.talosconfig = pulumi.secret(
      pulumi
        .all([pulumi.output(args.talosEndpoints), talos])
        .apply(([hosts, client]) => talosconfig(args.cluster, hosts, client)),
    );
    this.kubeconfig = pulumi.secret(
      pulumi.all([args.kubernetesHost, kubernetes]).apply(([host, client]) => kubeconfig(args.cluster, host, client)),
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig, talosconfig: this.talosconfig });
  }

  private certificate(
    role: string,
    request: {
      key: Key;
      subject: { organization: string; commonName?: string };
      authority: pulumi.Output<CertificateAuthority>;
      allowedUses: string[];
    },
  ): pulumi.Output<ClientCertificate> {
    const key = new tls.PrivateKey(`${this.name}-${role}`, request.key, this.child());
    const csr = new tls.CertRequest(
      `${this.name}-${role}`,
      { privateKeyPem: key.privateKeyPem, subject: request.subject },
      this.child(),
    );
    const caPem = request.authority.apply(({ certificatePem }) => certificatePem);
    const certificate = new tls.LocallySignedCert(
      `${this.name}-${role}`,
      {
        certRequestPem: csr.certRequestPem,
        caCertPem: caPem,
        caPrivateKeyPem: request.authority.apply(({ privateKeyPem }) => privateKeyPem),
        allowedUses: request.allowedUses,
        validityPeriodHours: this.args.certificateLifetimeHours,
        earlyRenewalHours: this.args.certificateEarlyRenewalHours,
      },
      this.child(),
    );
    return pulumi.secret(
      pulumi.output({ caPem, certificatePem: certificate.certPem, privateKeyPem: key.privateKeyPem }),
    );
  }
}
