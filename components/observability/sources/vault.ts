import type { MetricsSource } from "../../kit/signals";
import { summary } from "./names";

/** Vault. */
export const vaultSource: MetricsSource = {
  source: "Vault 2.0.4",
  known:
    "Vault's documentation, \"Telemetry metrics reference\" (website/content/partials/telemetry-metrics of github.com/hashicorp/vault 1.20.0), in Prometheus' spelling",
  metrics: [
    "vault_core_unsealed",
    "vault_core_active",
    "vault_core_in_flight_requests",
    ...summary("vault_core_handle_request"),
    ...summary("vault_core_handle_login_request"),
    "vault_core_leadership_lost_count",
    "vault_expire_num_leases",
    "vault_expire_num_irrevocable_leases",
    "vault_token_count",
    "vault_audit_log_request_failure",
    "vault_audit_log_response_failure",
    ...summary("vault_audit_log_request"),
    "vault_autopilot_healthy",
    "vault_autopilot_failure_tolerance",
    ...summary("vault_raft_commitTime"),
    ...summary("vault_raft_leader_lastContact"),
    "vault_raft_storage_stats_applied_index",
    "vault_raft_storage_stats_commit_index",
    "vault_runtime_alloc_bytes",
    "vault_runtime_sys_bytes",
    "vault_runtime_num_goroutines",
  ],
};
