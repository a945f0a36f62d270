import type { KubernetesObject, V1Secret } from "@kubernetes/client-node";
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

interface IssuerResource extends KubernetesObject {
  spec: { ca?: { secretName: string }; selfSigned?: object; acme?: object };
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
const defaultHours = 2160;

export const certManager: Operator = {
  name: "cert-manager-controller",
  image: /(^|\/)cert-manager-controller[:@]/,
  standsInFor: "cert-manager: certificates, signed here and by nobody else",
  children: [],
  handlers: [
    handler<IssuerResource>({ kind: issuerKind, uses: [], desired: desiredIssuer }),
    handler<IssuerResource>({ kind: clusterIssuerKind, uses: [], desired: desiredIssuer }),
    handler<Certificate>({ kind: certificateKind, uses: [issuerKind, clusterIssuerKind], desired: desiredCertificate }),
  ],
};

export function desiredIssuer(issuer: IssuerResource, observed: Observed): Desired {
  const name = issuer.spec.ca?.secretName;
  const namespace = issuer.metadata!.namespace ?? observed.operatorNamespace;
  const authority = name === undefined ? undefined : observed.find<V1Secret>(secrets, name, namespace);
  const missing = name !== undefined && !authority?.data?.["tls.key"];
  const condition: Condition = missing
    ? {
        type: "Ready",
        status: "False",
        reason: "ErrGetKeyPair",
        message: `Error getting keypair for CA issuer: secret "${name}" not found`,
      }
    : { type: "Ready", status: "True", reason: "IsReady", message: "the issuer is ready" };
  return { status: { conditions: withCondition(issuer.status?.conditions, condition, observed.now) } };
}

export function desiredCertificate(certificate: Certificate, observed: Observed): Desired {
  const { issuerRef } = certificate.spec;
  const namespace = certificate.metadata!.namespace!;
  const kind = issuerRef.kind === "ClusterIssuer" ? clusterIssuerKind : issuerKind;
  const issuer = observed.find<IssuerResource>(kind, issuerRef.name, kind === issuerKind ? namespace : undefined);
  const ready = issuer?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
  const exists = observed.find(secrets, certificate.spec.secretName, namespace) !== undefined;
  const condition: Condition = exists
    ? { type: "Ready", status: "True", reason: "Ready", message: "Certificate is up to date and has not expired" }
    : {
        type: "Ready",
        status: "False",
        reason: ready ? "DoesNotExist" : "IssuerNotReady",
        message: ready
          ? "Issuing certificate as Secret does not exist"
          : `${kind.kind} "${issuerRef.name}" is not ready`,
      };
  return {
    secrets: ready ? [secretFor(certificate, issuer!, observed)] : [],
    status: { conditions: withCondition(certificate.status?.conditions, condition, observed.now) },
  };
}

function secretFor(certificate: Certificate, issuer: IssuerResource, observed: Observed): GeneratedSecret {
  const { secretName, dnsNames = [], isCA, secretTemplate, issuerRef, duration } = certificate.spec;
  const authority = issuer.spec.ca?.secretName;
  return {
    make: "certificate",
    type: "kubernetes.io/tls",
    metadata: {
      namespace: certificate.metadata!.namespace,
      name: secretName,
      labels: { ...secretTemplate?.labels, "controller.cert-manager.io/fao": "true" },
      annotations: {
        ...secretTemplate?.annotations,
        "cert-manager.io/certificate-name": certificate.metadata!.name!,
        "cert-manager.io/issuer-name": issuerRef.name,
        "cert-manager.io/issuer-kind": issuerRef.kind ?? "Issuer",
        "cert-manager.io/issuer-group": issuerRef.group ?? "cert-manager.io",
      },
    },
    commonName: certificate.spec.commonName ?? dnsNames[0] ?? certificate.metadata!.name!,
    dnsNames,
    isAuthority: isCA,
    validDays: Math.ceil(hoursOf(duration) / 24),
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
