import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { CertificateArgs, CertificateHandle, Certificates, Trust } from "../../kit/certificates";
import type { ChartSource } from "../../kit/chart";
import { type Domain, domains } from "../../kit/domains";
import { labels, metadata } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import { type AcmeArgs, AcmeAuthority } from "./acme";
import { InternalAuthority } from "./authority";
import { CertManager } from "./cert-manager";
import { certificateProblems, certificateSpec } from "./certificate";
import { internalIssuerSpec } from "./issuers";

/** ConfigMap with the internal authority's certificate, in every namespace that trusts it. */
export const TRUST_CONFIG_MAP = "internal-ca";

const WAIT_READY = { "pulumi.com/waitFor": "condition=Ready" };

export interface PlatformCertificatesArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  readonly clusterName: string;
  /** Generations of the internal authority's key; the first one signs. */
  readonly generations: readonly number[];
  /** Who signs what the world sees. @default - the internal authority */
  readonly acme?: AcmeArgs;
  readonly protection: boolean;
  /**
   * The definitions of the Gateway API, for challenges that are answered through a Gateway: cert-manager does not start
   * without them. @default - none are needed
   */
  readonly gatewayApi?: pulumi.Resource;
}

interface Issuer {
  readonly name: string;
  readonly resource: pulumi.Resource;
}

/** Certificates by cert-manager: public ones from the issuer of the settings, internal ones from the own authority. */
export class PlatformCertificates extends Component implements Certificates {
  readonly ready: pulumi.Resource;
  private readonly internalIssuer: Issuer;
  private readonly publicIssuer: Issuer;
  private readonly authority: InternalAuthority;
  private readonly trusted = new Map<string, pulumi.Resource>();

  constructor(
    name: string,
    private readonly args: PlatformCertificatesArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const namespace = args.namespaces.get("cert-manager");
    super("orrery:platform:Certificates", name, after(opts, namespace));
    const { acme, charts, clusterName, generations, protection } = args;

    const certManager = new CertManager(
      {
        charts,
        namespace,
        acme: acme !== undefined,
        gatewayApi: acme?.challenge.kind === "http01" && acme.challenge.through.via === "gateway",
      },
      after(this.child(), args.gatewayApi),
    );
    this.authority = new InternalAuthority(
      "internal-ca",
      { clusterName, generations, namespace, identity: certManager.identity, protection },
      this.child(),
    );
    this.internalIssuer = this.createInternalIssuer(certManager);
    this.ready = this.internalIssuer.resource;
    this.publicIssuer = acme === undefined ? this.internalIssuer : this.createPublicIssuer(acme, certManager);

    this.registerOutputs({ internalIssuer: this.internalIssuer.name, publicIssuer: this.publicIssuer.name });
  }

  public(name: string, args: CertificateArgs, opts?: pulumi.ComponentResourceOptions): CertificateHandle {
    // The page that the authority asks for is served by the gateway, which may be waiting for this certificate.
    const waits = this.args.acme?.challenge.kind !== "http01";
    return this.issue(name, this.publicIssuer, waits, args, opts);
  }

  internal(name: string, args: CertificateArgs, opts?: pulumi.ComponentResourceOptions): CertificateHandle {
    return this.issue(name, this.internalIssuer, true, args, opts);
  }

  trust(namespace: string, opts?: pulumi.ComponentResourceOptions): Trust {
    const ready = this.trusted.get(namespace) ?? this.createTrust(namespace, opts);
    this.trusted.set(namespace, ready);
    return { configMap: TRUST_CONFIG_MAP, ready, pem: this.authority.trustedPem };
  }

  private createInternalIssuer(certManager: CertManager): Issuer {
    const { issuer: name, secretName } = this.authority;
    const resource = new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion: "cert-manager.io/v1",
        kind: "ClusterIssuer",
        metadata: metadata(certManager.identity, { name, annotations: WAIT_READY }),
        spec: internalIssuerSpec(secretName),
      },
      this.child({ dependsOn: [certManager, this.authority] }),
    );
    return { name, resource };
  }

  private createPublicIssuer(acme: AcmeArgs, certManager: CertManager): Issuer {
    const { namespaces } = this.args;
    const authority = new AcmeAuthority(
      { ...acme, certManager, namespaces, certificates: this, authorityPem: this.authority.trustedPem },
      this.child(),
    );
    return { name: authority.issuer, resource: authority.ready };
  }

  private issue(
    name: string,
    issuer: Issuer,
    waits: boolean,
    args: CertificateArgs,
    opts?: pulumi.ComponentResourceOptions,
  ): CertificateHandle {
    const problems = certificateProblems(args.dnsNames);
    if (problems.length > 0) {
      throw new Error(`Certificate "${name}":\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    }
    const secretName = args.secretName ?? name;
    const ready = new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: metadata(args.owner, {
          name,
          namespace: args.namespace,
          annotations: waits ? WAIT_READY : undefined,
        }),
        spec: certificateSpec({
          secretName,
          dnsNames: args.dnsNames,
          issuer: issuer.name,
          internal: issuer === this.internalIssuer,
          labels: { ...args.secretLabels, ...labels(args.owner) },
        }),
      },
      // A record has to spread over the zone's name servers before the authority may look.
      pulumi.mergeOptions(this.inNamespace(args.namespace, opts), {
        dependsOn: [issuer.resource],
        customTimeouts: { create: "15m", update: "15m" },
      }),
    );
    return { secretName, namespace: args.namespace, ready };
  }

  private createTrust(namespace: string, opts?: pulumi.ComponentResourceOptions): pulumi.Resource {
    return new k8s.core.v1.ConfigMap(
      `${TRUST_CONFIG_MAP}-${namespace}`,
      {
        metadata: metadata(
          { name: "cert-manager", instance: TRUST_CONFIG_MAP, component: "trust", domain: namespace },
          { name: TRUST_CONFIG_MAP, namespace },
        ),
        data: { "ca.crt": this.authority.trustedPem },
      },
      this.inNamespace(namespace, opts),
    );
  }

  /** Options of what goes into a namespace: after it, and the caller's unless it has said nothing. */
  private inNamespace(namespace: string, opts?: pulumi.ComponentResourceOptions): pulumi.ResourceOptions {
    const own = isDomain(namespace) ? [this.args.namespaces.get(namespace)] : [];
    return pulumi.mergeOptions(this.child({ dependsOn: own }), opts);
  }
}

function isDomain(namespace: string): namespace is Domain {
  return Object.hasOwn(domains, namespace);
}
