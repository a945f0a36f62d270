import type { AreaCases } from "./case";

const external = (status: string) =>
  `externalsecret_status_condition{name="token",exported_namespace="apps",condition="Ready",status="${status}"}`;
const store = (status: string) =>
  `clustersecretstore_status_condition{name="vault",condition="Ready",status="${status}"}`;

export const externalSecretCases: AreaCases = {
  area: "secrets",
  alerts: [
    {
      alert: "ExternalSecretNotReady",
      fires: {
        series: { [external("False")]: "1x20", [external("True")]: "0x20" },
        minute: 18,
        labels: { name: "token", exported_namespace: "apps", condition: "Ready", status: "False" },
      },
      quiet: { series: { [external("False")]: "0x20", [external("True")]: "1x20" }, minute: 18 },
    },
    {
      alert: "SecretStoreNotReady",
      fires: {
        series: { [store("False")]: "1x20" },
        minute: 18,
        labels: { name: "vault", condition: "Ready", status: "False" },
      },
      quiet: { series: { [store("False")]: "1x10 0x10" }, minute: 18 },
    },
  ],
};

const servers = (metric: string) => `kube_statefulset_${metric}{namespace="vault",statefulset="vault"}`;
const vault = { namespace: "vault", statefulset: "vault" };

export const vaultCases: AreaCases = {
  area: "vault",
  alerts: [
    {
      alert: "VaultSealed",
      fires: { series: { [servers("status_replicas_ready")]: "0x10" }, minute: 8, labels: vault },
      quiet: { series: { [servers("status_replicas_ready")]: "1x10" }, minute: 8 },
    },
    {
      alert: "VaultServerNotReady",
      fires: {
        series: { [servers("status_replicas_ready")]: "2x20", [servers("replicas")]: "3x20" },
        minute: 18,
        labels: vault,
      },
      quiet: { series: { [servers("status_replicas_ready")]: "3x20", [servers("replicas")]: "3x20" }, minute: 18 },
    },
    {
      alert: "VaultWithoutLeader",
      fires: {
        series: { 'vault_core_active{pod="a"}': "0x10", 'vault_core_active{pod="b"}': "0x10" },
        minute: 8,
        labels: {},
      },
      quiet: { series: { 'vault_core_active{pod="a"}': "0x10", 'vault_core_active{pod="b"}': "1x10" }, minute: 8 },
    },
    {
      alert: "VaultAuditFails",
      fires: { series: { 'vault_audit_log_request_failure{pod="a"}': "0x5 1x10" }, minute: 8, labels: { pod: "a" } },
      quiet: { series: { 'vault_audit_log_request_failure{pod="a"}': "4x20" }, minute: 8 },
    },
    {
      alert: "VaultLeasesStuck",
      fires: { series: { 'vault_expire_num_irrevocable_leases{pod="a"}': "2x70" }, minute: 65, labels: {} },
      quiet: { series: { 'vault_expire_num_irrevocable_leases{pod="a"}': "2x30 0x40" }, minute: 65 },
    },
  ],
};
