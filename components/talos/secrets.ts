import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import { Component } from "../base";
import { randomKey } from "./random-key";

/** Ten years, as Talos itself gives its authorities. */
const CA_VALIDITY_HOURS = 87_600;
/** What Talos puts into its own authorities. */
const CA_USES = ["cert_signing", "digital_signature", "server_auth", "client_auth"];

/** PEM, as it comes; machine configs and kubeconfigs take it in base64. */
export interface CertificateAuthority {
  certificatePem: string;
  privateKeyPem: string;
}

/** Everything secret in a cluster, resolved. */
export interface SecretsBundle {
  clusterId: string;
  clusterSecret: string;
  /** Kubernetes bootstrap token. */
  bootstrapToken: string;
  /** With it a worker gets its certificate from a control plane (trustd). */
  machineToken: string;
  secretboxEncryptionSecret: string;
  talosCa: CertificateAuthority;
  kubernetesCa: CertificateAuthority;
  aggregatorCa: CertificateAuthority;
  etcdCa: CertificateAuthority;
  serviceAccountKeyPem: string;
}

type Key = { algorithm: "ECDSA"; ecdsaCurve: "P256" } | { algorithm: "ED25519" };

/** The curve must be said: the tls provider's default is P224, which Kubernetes does not take. */
const ECDSA: Key = { algorithm: "ECDSA", ecdsaCurve: "P256" };

export interface TalosSecretsArgs {
  /** Refuse to delete or replace them: without them nobody gets into the cluster again. */
  protection: boolean;
}

/**
 * The cluster's secrets bundle, what `talosctl gen secrets` would write, made by the tls and random providers so that
 * it lives in the state, encrypted, and nowhere else. It is made once and never changes.
 */
export class TalosSecrets extends Component {
  readonly bundle: pulumi.Output<SecretsBundle>;
  /** For the administrators' Talos certificates. */
  readonly talosCa: pulumi.Output<CertificateAuthority>;
  /** For the administrators' Kubernetes certificates. */
  readonly kubernetesCa: pulumi.Output<CertificateAuthority>;

  constructor(
    private readonly name: string,
    private readonly args: TalosSecretsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:talos:TalosSecrets", name, opts);
    this.talosCa = this.authority("talos", { algorithm: "ED25519" }, { organization: "talos" });
    this.kubernetesCa = this.authority("kubernetes", ECDSA, { organization: "kubernetes" });
    this.bundle = pulumi.secret(
      pulumi.output({
        clusterId: this.bytes("cluster-id").apply(urlSafe),
        clusterSecret: this.bytes("cluster-secret"),
        bootstrapToken: this.token("bootstrap-token"),
        machineToken: this.token("machine-token"),
        secretboxEncryptionSecret: this.bytes("secretbox"),
        talosCa: this.talosCa,
        kubernetesCa: this.kubernetesCa,
        aggregatorCa: this.authority("aggregator", ECDSA, { commonName: "front-proxy" }),
        etcdCa: this.authority("etcd", ECDSA, { organization: "etcd" }),
        serviceAccountKeyPem: this.key("service-account", { algorithm: "RSA", rsaBits: 4096 }).privateKeyPem,
      }),
    );
    this.registerOutputs({});
  }

  private authority(
    role: string,
    key: Key,
    subject: { organization?: string; commonName?: string },
  ): pulumi.Output<CertificateAuthority> {
    const { privateKeyPem } = this.key(role, key);
    const certificate = new tls.SelfSignedCert(
      `${this.name}-${role}`,
      {
        privateKeyPem,
        subject,
        isCaCertificate: true,
        allowedUses: CA_USES,
        validityPeriodHours: CA_VALIDITY_HOURS,
      },
      this.secretChild(),
    );
    return pulumi.secret(pulumi.output({ certificatePem: certificate.certPem, privateKeyPem }));
  }

  private key(role: string, key: Key | { algorithm: "RSA"; rsaBits: number }): tls.PrivateKey {
    return new tls.PrivateKey(`${this.name}-${role}`, key, this.secretChild());
  }

  private bytes(role: string): pulumi.Output<string> {
    return randomKey(`${this.name}-${role}`, this.secretChild());
  }

  /** `[a-z0-9]{6}.[a-z0-9]{16}`. RandomString would show its value in plain text, see random-key.ts. */
  private token(role: string): pulumi.Output<string> {
    const part = (suffix: string, length: number) =>
      new random.RandomPassword(
        `${this.name}-${role}-${suffix}`,
        { length, upper: false, special: false },
        this.secretChild(),
      ).result;
    return pulumi.secret(pulumi.interpolate`${part("id", 6)}.${part("secret", 16)}`);
  }

  private secretChild(): pulumi.CustomResourceOptions {
    return this.child({ protect: this.args.protection });
  }
}

/** Talos keeps the cluster id in URL-safe base64. */
function urlSafe(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}
