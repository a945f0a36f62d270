/** 64 characters are all that a common name holds. */
const COMMON_NAME_MAX = 64;

export interface CertificateFacts {
  readonly secretName: string;
  readonly dnsNames: readonly string[];
  /** The ClusterIssuer. */
  readonly issuer: string;
  /** From the environment's own authority. */
  readonly internal: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Spec of a cert-manager.io/v1 Certificate. How long it is valid is the public authority's to say; the internal one
 * gives 90 days. Either is renewed when a third of its time is left.
 */
export function certificateSpec({ secretName, dnsNames, issuer, internal, labels }: CertificateFacts) {
  const [first] = dnsNames;
  return {
    secretName,
    secretTemplate: { labels: { ...labels } },
    ...(first === undefined || first.length > COMMON_NAME_MAX ? {} : { commonName: first }),
    dnsNames: [...dnsNames],
    // A new key with each renewal: an old one that got out is good for nothing soon. Java reads PKCS#8 and nothing else.
    privateKey: { algorithm: "ECDSA", size: 256, encoding: "PKCS8", rotationPolicy: "Always" },
    ...(internal ? { duration: "2160h" } : {}),
    // Public authorities no longer issue certificates with which clients could say who they are.
    usages: internal ? ["digital signature", "server auth", "client auth"] : ["digital signature", "server auth"],
    issuerRef: { name: issuer, kind: "ClusterIssuer", group: "cert-manager.io" },
  };
}

/** What is wrong with the names of a certificate; empty when nothing is. */
export function certificateProblems(dnsNames: readonly string[]): string[] {
  const problems = dnsNames
    .filter((name) => !/^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
    .map(
      (name) => `"${name}" is not a DNS name: use lower-case letters, digits, hyphens and dots, *. in front at most`,
    );
  if (dnsNames.length === 0) problems.push("it has no DNS names: give at least one");
  return problems;
}
