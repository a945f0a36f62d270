import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Certificates } from "../../kit/certificates";
import { metadata, type PodIdentity } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { SecretSource } from "../../kit/secret-source";
import { DNS_TOKEN } from "../dns-token";
import type { CertManager } from "./cert-manager";
import { HetznerDnsSolver } from "./hetzner-solver";
import { type AcmeIssuer, acmeIssuerSpec, type Challenge } from "./issuers";

/** Port at which cert-manager's own pods answer HTTP-01 challenges. */
const SOLVER_PORT = 8089;
const SOLVER_LABELS = { "acme.cert-manager.io/http01-solver": "true" };

/** A record in the zone; the only way to a wildcard. */
export interface RecordChallenge {
  readonly kind: "dns01";
  readonly provider: "hetzner" | "cloudflare";
  readonly zone: string;
  /** Where the provider's token `dns-api-token` comes from. */
  readonly secrets: SecretSource;
}

/** A page under the name itself. */
export interface PageChallenge {
  readonly kind: "http01";
  readonly through: Extract<Challenge, { via: "gateway" | "ingress" }>;
  /** Namespace of the gateway's pods and of their certificates: there cert-manager's pods answer. */
  readonly namespace: "gateway";
}

export interface AcmeArgs {
  readonly issuer: AcmeIssuer;
  /** Address of the account. */
  readonly email: string;
  readonly challenge: RecordChallenge | PageChallenge;
}

export interface AcmeAuthorityArgs extends AcmeArgs {
  readonly certManager: CertManager;
  readonly namespaces: Namespaces;
  /** From whom a solver has its own certificate. */
  readonly certificates: Pick<Certificates, "internal">;
  /** The certificate of that authority, in PEM. */
  readonly authorityPem: pulumi.Input<string>;
}

/** A public authority, spoken to over ACME, with what answers its challenges. */
export class AcmeAuthority extends Component {
  readonly issuer: string;
  /** Depend on this: the account is there. */
  readonly ready: pulumi.Resource;

  constructor(
    private readonly args: AcmeAuthorityArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:platform:AcmeAuthority", args.issuer, after(opts, args.certManager));
    const { challenge, certManager, issuer, email } = args;
    this.issuer = issuer;

    const answered = challenge.kind === "dns01" ? this.answerInZone(challenge) : this.answerAtGateway(challenge);
    this.ready = new k8s.apiextensions.CustomResource(
      issuer,
      {
        apiVersion: "cert-manager.io/v1",
        kind: "ClusterIssuer",
        metadata: metadata(certManager.identity, {
          name: issuer,
          annotations: { "pulumi.com/waitFor": "condition=Ready" },
        }),
        spec: acmeIssuerSpec({ issuer, email, challenge: answered.challenge }),
      },
      this.child({ dependsOn: answered.needs }),
    );

    this.registerOutputs({ issuer });
  }

  private answerInZone({ provider, zone, secrets }: RecordChallenge): Answered {
    const { certManager, certificates, authorityPem } = this.args;
    const token = secrets.secret(
      `${DNS_TOKEN.secret}-certificates`,
      {
        secretName: DNS_TOKEN.secret,
        namespace: certManager.namespace.name,
        owner: certManager.identity,
        keys: { [DNS_TOKEN.key]: DNS_TOKEN.secret },
      },
      this.child(),
    );
    if (provider === "cloudflare") {
      const key = { name: token.secretName, key: DNS_TOKEN.key };
      return { challenge: { via: "cloudflare", zone, token: key }, needs: [token.ready] };
    }
    const { namespace, serviceAccount: caller } = certManager;
    const solver = new HetznerDnsSolver(
      { namespace, caller, token, tokenKey: DNS_TOKEN.key, certificates, authorityPem },
      this.child(),
    );
    return { challenge: { via: "hetzner", zone, solver: solver.solver }, needs: [solver] };
  }

  /** The challenge's page is served by a pod of cert-manager's, which the gateway must reach. */
  private answerAtGateway({ through, namespace }: PageChallenge): Answered {
    const made = this.args.namespaces.get(namespace);
    const gateway: PodIdentity = { namespace, labels: {}, instance: "gateway" };
    const solver: PodIdentity = { namespace, labels: SOLVER_LABELS, instance: "acme-solver" };
    openPath(
      `${this.issuer}-solver`,
      {
        from: gateway,
        to: solver,
        ports: [{ name: "http", port: SOLVER_PORT }],
        owner: this.args.certManager.identity,
      },
      this.child({ dependsOn: [made] }),
    );
    return { challenge: through, needs: [] };
  }
}

interface Answered {
  readonly challenge: Challenge;
  readonly needs: pulumi.Resource[];
}
