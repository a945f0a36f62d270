import type { ChartValues } from "../../kit/chart";
import { type Exception, exceptionAnnotations } from "../../kit/labels";
import { priorities } from "../../kit/priorities";
import { type Environment, resourcesFor, type Size } from "../../kit/sizes";

export const VAULT_PORT = 8200;
/** Raft, and requests that a standby passes on to the active server. */
export const VAULT_CLUSTER_PORT = 8201;

export interface VaultValuesArgs {
  readonly replicas: number;
  readonly storageClass: string;
  readonly size: Size;
  readonly environment: Environment;
  readonly tlsSecret: string;
}

const TLS = "/vault/userconfig/tls";

/** Names that the chart gives its claim templates. */
export const VAULT_CLAIMS = { data: "data", audit: "audit" };

/** The same for ever, whatever the claims' size: Kubernetes refuses every change of a StatefulSet's claim templates. */
function claimTemplate(storageClass: string): ChartValues {
  return { enabled: true, size: "10Gi", storageClass };
}

/** Values of Vault's chart; the release's name has to contain "vault", or the chart adds it. Raft, TLS only, an audit volume, and none of the injector or the CSI provider. */
export function vaultValues(name: string, args: VaultValuesArgs): ChartValues {
  return {
    global: { tlsDisable: false },
    injector: { enabled: "false" },
    csi: { enabled: false },
    server: {
      resources: { ...resourcesFor(args.size, args.environment, "data") },
      priorityClassName: priorities.data.name,
      extraEnvironmentVars: { VAULT_CACERT: `${TLS}/ca.crt` },
      annotations: exceptionAnnotations(exceptions),
      volumes: [
        { name: "tls", secret: { secretName: args.tlsSecret, defaultMode: 288 } },
        { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      ],
      volumeMounts: [
        { name: "tls", mountPath: TLS, readOnly: true },
        // The start script writes its configuration here.
        { name: "tmp", mountPath: "/tmp" },
      ],
      dataStorage: claimTemplate(args.storageClass),
      auditStorage: claimTemplate(args.storageClass),
      standalone: { enabled: "false" },
      ha: {
        enabled: true,
        replicas: args.replicas,
        // The chart's budget for a single server would let it go never, and its node be drained never.
        disruptionBudget: { enabled: args.replicas > 1 },
        raft: { enabled: true, setNodeId: true, config: vaultConfig(name, args.replicas) },
      },
      // The active server alone is asked, and the standbys pass nothing on that it would not answer itself.
      service: { standby: { enabled: false } },
      statefulSet: { securityContext: { pod: podSecurity, container: containerSecurity } },
    },
    // The pages are on the API's port; a second Service for them is not needed.
    ui: { enabled: false },
  };
}

const exceptions: Exception[] = [
  {
    rule: "service-account-token",
    reason: "Vault labels its pods by who is active, and asks the Kubernetes API whose token somebody shows",
  },
];

const podSecurity = {
  runAsNonRoot: true,
  runAsUser: 100,
  runAsGroup: 1000,
  fsGroup: 1000,
  seccompProfile: { type: "RuntimeDefault" },
};

const containerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/** Each server looks for its peers by their names, so that a new one joins by itself once it is unsealed. */
export function vaultConfig(name: string, replicas: number): string {
  const members = Array.from({ length: replicas }, (_, index) => `${name}-${index}.${name}-internal`);
  return [
    "ui = true",
    // Kubernetes nodes have no swap, and memory cannot be locked without a capability that is refused.
    "disable_mlock = true",
    'listener "tcp" {',
    `  address = "[::]:${VAULT_PORT}"`,
    `  cluster_address = "[::]:${VAULT_CLUSTER_PORT}"`,
    `  tls_cert_file = "${TLS}/tls.crt"`,
    `  tls_key_file = "${TLS}/tls.key"`,
    `  tls_client_ca_file = "${TLS}/ca.crt"`,
    // Of figures, and for who has a network path: a token for them would have to be renewed by hand.
    "  telemetry {",
    "    unauthenticated_metrics_access = true",
    "  }",
    "}",
    'storage "raft" {',
    '  path = "/vault/data"',
    ...members.flatMap((member) => [
      "  retry_join {",
      `    leader_api_addr = "https://${member}:${VAULT_PORT}"`,
      `    leader_ca_cert_file = "${TLS}/ca.crt"`,
      "  }",
    ]),
    "}",
    "telemetry {",
    '  prometheus_retention_time = "24h"',
    "  disable_hostname = true",
    "}",
    'service_registration "kubernetes" {}',
    "",
  ].join("\n");
}

/** Service of the active server. */
export function vaultActive(name: string): string {
  return `${name}-active`;
}

/** Names under which Vault answers. */
export function vaultDnsNames(name: string, namespace: string): string[] {
  const services = [vaultActive(name), name];
  return [
    ...services.flatMap((service) => [`${service}.${namespace}.svc`, `${service}.${namespace}.svc.cluster.local`]),
    `*.${name}-internal`,
    `*.${name}-internal.${namespace}.svc.cluster.local`,
    "localhost",
  ];
}
