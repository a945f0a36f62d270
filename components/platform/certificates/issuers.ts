/** Who signs what the world sees. */
export type PublicIssuer = "internal" | "letsencrypt-staging" | "letsencrypt";

/** Who signs it over ACME. */
export type AcmeIssuer = Exclude<PublicIssuer, "internal">;

const directories: Readonly<Record<AcmeIssuer, string>> = {
  "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
  letsencrypt: "https://acme-v02.api.letsencrypt.org/directory",
};

/** How the authority is shown that a name is ours. */
export type Challenge =
  /** A page under the name itself, through a Gateway's plain HTTP listener. */
  | { readonly via: "gateway"; readonly gateway: string; readonly namespace: string; readonly listener: string }
  /** The same through an Ingress. */
  | { readonly via: "ingress"; readonly ingressClass: string }
  /** A record in the name's zone; the only way to a wildcard. */
  | { readonly via: "cloudflare"; readonly zone: string; readonly token: SecretKey }
  /** A record in a zone of the Hetzner Cloud, made by Hetzner's own solver. */
  | { readonly via: "hetzner"; readonly zone: string; readonly solver: HetznerSolver };

export interface SecretKey {
  readonly name: string;
  readonly key: string;
}

/** How cert-manager finds the solver, and where the solver finds its token. */
export interface HetznerSolver {
  readonly groupName: string;
  readonly solverName: string;
  readonly tokenFilePath: string;
}

export interface AcmeFacts {
  readonly issuer: AcmeIssuer;
  /** The account's address. */
  readonly email: string;
  readonly challenge: Challenge;
}

/** Spec of an ACME ClusterIssuer. */
export function acmeIssuerSpec({ issuer, email, challenge }: AcmeFacts) {
  return {
    acme: {
      server: directories[issuer],
      email,
      privateKeySecretRef: { name: `${issuer}-account` },
      solvers: [solver(challenge)],
    },
  };
}

/** Spec of the ClusterIssuer of the internal authority. */
export function internalIssuerSpec(secretName: string) {
  return { ca: { secretName } };
}

function solver(challenge: Challenge) {
  switch (challenge.via) {
    case "gateway":
      return {
        http01: {
          gatewayHTTPRoute: {
            parentRefs: [
              {
                group: "gateway.networking.k8s.io",
                kind: "Gateway",
                name: challenge.gateway,
                namespace: challenge.namespace,
                sectionName: challenge.listener,
              },
            ],
            serviceType: "ClusterIP",
          },
        },
      };
    case "ingress":
      // Without a type the solver's Service would open a port on every node, which the namespace's quota refuses.
      return { http01: { ingress: { ingressClassName: challenge.ingressClass, serviceType: "ClusterIP" } } };
    case "cloudflare":
      return {
        selector: { dnsZones: [challenge.zone] },
        dns01: { cloudflare: { apiTokenSecretRef: { ...challenge.token } } },
      };
    case "hetzner": {
      const { groupName, solverName, tokenFilePath } = challenge.solver;
      return {
        selector: { dnsZones: [challenge.zone] },
        dns01: { webhook: { groupName, solverName, config: { tokenFilePath } } },
      };
    }
  }
}
