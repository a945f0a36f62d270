import type { KubernetesObject, V1Secret } from "@kubernetes/client-node";
import { apiServices } from "../../extensions";
import type { Kind } from "../../runtime/cluster";
import { secrets } from "../../runtime/kinds";
import {
  type Condition,
  type Desired,
  type GeneratedSecret,
  handler,
  type Observed,
  type Operator,
  withCondition,
} from "../types";
import { type AcmeSpec, refusedAccount, unsolved } from "./acme";

interface IssuerResource extends KubernetesObject {
  spec: { ca?: { secretName: string }; selfSigned?: object; acme?: AcmeSpec };
  status?: { conditions?: Condition[] };
}

interface Certificate extends KubernetesObject {
  spec: {
    secretName: string;
    commonName?: string;
    dnsNames?: string[];
    isCA?: boolean;
    duration?: string;
    issuerRef: { name: string; kind?: string; group?: string };
    secretTemplate?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  };
  status?: { conditions?: Condition[] };
}

const apiVersion = "cert-manager.io/v1";
const issuerKind: Kind = { apiVersion, kind: "Issuer", plural: "issuers" };
const clusterIssuerKind: Kind = { apiVersion, kind: "ClusterIssuer", plural: "clusterissuers" };
const certificateKind: Kind = { apiVersion, kind: "Certificate", plural: "certificates" };
const annotation = { issuer: "cert-manager.io/issuer-name", names: "cert-manager.io/alt-names" };
const defaultHours = 2160;

export const certManager: Operator = {
  name: "cert-manager-controller",
  image: /(^|\/)cert-manager-controller[:@]/,
  standsInFor: "cert-manager: certificates, signed here and by nobody else",
  children: [],
  handlers: [
    handler<IssuerResource>({ kind: issuerKind, uses: [], desired: desiredIssuer }),
    handler<IssuerResource>({ kind: clusterIssuerKind, uses: [], desired: desiredIssuer }),
    handler<Certificate>({
      kind: certificateKind,
      uses: [issuerKind, clusterIssuerKind, apiServices],
      // The keys of cluster-wide issuers are beside the controller.
      across: true,
      desired: desiredCertificate,
    }),
  ],
};

export function desiredIssuer(issuer: IssuerResource, observed: Observed): Desired {
  const { ca, acme } = issuer.spec;
  const namespace = issuer.metadata!.namespace ?? observed.operatorNamespace;
  const authority = ca && observed.find<V1Secret>(secrets, ca.secretName, namespace);
  const refused = acme && refusedAccount(acme);
  let condition: Condition = { type: "Ready", status: "True", reason: "IsReady", message: "the issuer is ready" };
  if (ca && !authority?.data?.["tls.key"]) {
    const message = `Error getting keypair for CA issuer: secret "${ca.secretName}" not found`;
    condition = { type: "Ready", status: "False", reason: "ErrGetKeyPair", message };
  } else if (refused) {
    condition = { type: "Ready", status: "False", reason: "ErrRegisterACMEAccount", message: refused };
  } else if (acme) {
    const message = "The ACME account was registered with the ACME server";
    condition = { type: "Ready", status: "True", reason: "ACMEAccountRegistered", message };
  }
  return { status: { conditions: withCondition(issuer.status?.conditions, condition, observed.now) } };
}

export function desiredCertificate(certificate: Certificate, observed: Observed): Desired {
  const issuer = issuerOf(certificate, observed);
  const secret = observed.find<V1Secret>(secrets, certificate.spec.secretName, certificate.metadata!.namespace);
  const stale = secret !== undefined && !isOf(secret, certificate);
  const waits = whatWaits(certificate, issuer, observed);
  const condition: Condition =
    secret !== undefined && !stale
      ? { type: "Ready", status: "True", reason: "Ready", message: "Certificate is up to date and has not expired" }
      : { type: "Ready", status: "False", ...(waits ?? issuing(stale)) };
  return {
    secrets: waits === undefined ? [secretFor(certificate, issuer!, observed, stale)] : [],
    status: { conditions: withCondition(certificate.status?.conditions, condition, observed.now) },
  };
}

function issuerOf({ metadata, spec: { issuerRef } }: Certificate, observed: Observed): IssuerResource | undefined {
  return issuerRef.kind === "ClusterIssuer"
    ? observed.find<IssuerResource>(clusterIssuerKind, issuerRef.name)
    : observed.find<IssuerResource>(issuerKind, issuerRef.name, metadata!.namespace);
}

type Reason = Pick<Condition, "reason" | "message">;

function issuing(stale: boolean): Reason {
  return stale
    ? { reason: "SecretMismatch", message: "Issuing certificate as the Secret is of another issuer or other names" }
    : { reason: "DoesNotExist", message: "Issuing certificate as Secret does not exist" };
}

/** Why nothing can be issued yet. */
function whatWaits({ spec }: Certificate, issuer: IssuerResource | undefined, observed: Observed): Reason | undefined {
  const { kind = "Issuer", name } = spec.issuerRef;
  const ready = issuer?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
  if (!ready) return { reason: "IssuerNotReady", message: `${kind} "${name}" is not ready` };
  const acme = issuer?.spec.acme;
  const problems = acme ? (spec.dnsNames ?? []).flatMap((dnsName) => unsolved(dnsName, acme, observed) ?? []) : [];
  return problems.length === 0
    ? undefined
    : { reason: "Pending", message: `Challenges are pending: ${[...new Set(problems)].join("; ")}` };
}

/** Whether the Secret was issued for what the Certificate says now. Secrets of somebody else's making are let be. */
function isOf({ metadata }: V1Secret, { spec }: Certificate): boolean {
  const { [annotation.issuer]: issuer, [annotation.names]: names } = metadata?.annotations ?? {};
  if (issuer === undefined) return true;
  return issuer === spec.issuerRef.name && (names === undefined || names === (spec.dnsNames ?? []).join(","));
}

function secretFor(
  certificate: Certificate,
  issuer: IssuerResource,
  observed: Observed,
  renew: boolean,
): GeneratedSecret {
  const { secretName, dnsNames = [], isCA, secretTemplate, issuerRef, duration } = certificate.spec;
  const authority = issuer.spec.ca?.secretName;
  return {
    make: "certificate",
    type: "kubernetes.io/tls",
    renew,
    metadata: {
      namespace: certificate.metadata!.namespace,
      name: secretName,
      labels: { ...secretTemplate?.labels, "controller.cert-manager.io/fao": "true" },
      annotations: {
        ...secretTemplate?.annotations,
        "cert-manager.io/certificate-name": certificate.metadata!.name!,
        [annotation.names]: dnsNames.join(","),
        [annotation.issuer]: issuerRef.name,
        "cert-manager.io/issuer-kind": issuerRef.kind ?? "Issuer",
        "cert-manager.io/issuer-group": issuerRef.group ?? "cert-manager.io",
      },
    },
    commonName: certificate.spec.commonName ?? dnsNames[0] ?? certificate.metadata!.name!,
    dnsNames,
    isAuthority: isCA,
    validDays: Math.ceil(hoursOf(duration) / 24),
    ...(issuer.spec.acme ? { withoutAuthority: true } : {}),
    ...(authority
      ? {
          signedBy: {
            namespace: issuer.metadata!.namespace ?? observed.operatorNamespace,
            name: authority,
            certificateKey: "tls.crt",
            privateKeyKey: "tls.key",
          },
        }
      : {}),
  };
}

/** A Go duration in hours, as far as certificates use them. */
function hoursOf(duration: string | undefined): number {
  const match = /^(\d+)h/.exec(duration ?? "");
  return match ? Number(match[1]) : defaultHours;
}
