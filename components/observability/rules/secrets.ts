import type { Signals } from "../../kit/signals";

/** Secrets that come from a store outside. */
export const externalSecretSignals: Signals = {
  area: "secrets",
  metrics: ["clustersecretstore_status_condition", "externalsecret_status_condition", "secretstore_status_condition"],
  signals: [
    {
      name: "ExternalSecretNotReady",
      severity: "warning",
      expression: 'externalsecret_status_condition{condition="Ready",status="False"} == 1',
      forMinutes: 15,
      summary: "A Secret is not kept up to date: what it was stays, and a new one is not made.",
    },
    {
      name: "SecretStoreNotReady",
      severity: "critical",
      expression:
        'clustersecretstore_status_condition{condition="Ready",status="False"} == 1 or secretstore_status_condition{condition="Ready",status="False"} == 1',
      forMinutes: 15,
      summary: "The store of secrets is not reached, or refuses: no Secret changes any more.",
    },
  ],
};

const VAULT = 'namespace="vault",statefulset="vault"';

/** Vault. A sealed one serves no metrics: it is its pods that are not ready. */
export const vaultSignals: Signals = {
  area: "vault",
  metrics: [
    "kube_statefulset_replicas",
    "kube_statefulset_status_replicas_ready",
    "vault_audit_log_request_failure",
    "vault_core_active",
    "vault_expire_num_irrevocable_leases",
  ],
  signals: [
    {
      name: "VaultSealed",
      severity: "critical",
      expression: `kube_statefulset_status_replicas_ready{${VAULT}} == 0`,
      forMinutes: 5,
      summary: "No server of Vault is unsealed: nobody gets a secret.",
    },
    {
      name: "VaultServerNotReady",
      severity: "warning",
      expression: `kube_statefulset_status_replicas_ready{${VAULT}} < kube_statefulset_replicas{${VAULT}}`,
      forMinutes: 15,
      summary: "A server of Vault is sealed or down: after a restart somebody must unseal it.",
    },
    {
      name: "VaultWithoutLeader",
      severity: "critical",
      expression: "max(vault_core_active) == 0",
      forMinutes: 5,
      summary: "The servers of Vault have no leader among them.",
    },
    {
      name: "VaultAuditFails",
      severity: "critical",
      expression: "increase(vault_audit_log_request_failure[10m]) > 0",
      forMinutes: 0,
      summary: "Vault cannot write its audit log: it then refuses every request.",
    },
    {
      name: "VaultLeasesStuck",
      severity: "warning",
      expression: "max(vault_expire_num_irrevocable_leases) > 0",
      forMinutes: 60,
      summary: "Vault cannot take back what it has lent: credentials live on that should not.",
    },
  ],
};
