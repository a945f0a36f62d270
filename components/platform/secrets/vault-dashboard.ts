import {
  dashboard,
  healthy,
  none,
  ofService,
  row,
  serviceLogs,
  serviceVariables,
  stat,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";
import { upStat, volumeStat, workloadRow } from "../../kit/dashboards/workload-panels";

const PODS = { pods: "vault-.*", claims: ".*vault.*" };

const rate = (metric: string) => `sum(rate(${metric}{${ofService}}[$__rate_interval]))`;

/** Whether Vault is unsealed and its members agree, and what it is asked. */
export const vaultDashboard = dashboard({
  uid: "vault",
  title: "Vault",
  folder: "platform",
  variables: () => serviceVariables("vault_core_unsealed"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Unsealed",
        unit: unit.ratio,
        thresholds: healthy,
        queries: `avg(vault_core_unsealed{${ofService}})`,
      }),
      stat({
        title: "Members agree",
        unit: unit.none,
        words: { 0: "no", 1: "yes" },
        thresholds: healthy,
        queries: `min(vault_autopilot_healthy{${ofService}})`,
      }),
      stat({
        title: "Members that may fail",
        unit: unit.count,
        queries: `min(vault_autopilot_failure_tolerance{${ofService}})`,
      }),
      stat({
        title: "Leases that cannot be revoked",
        unit: unit.count,
        thresholds: none,
        noValue: "0",
        queries: `max(vault_expire_num_irrevocable_leases{${ofService}})`,
      }),
      volumeStat(PODS),
    ]),
    row("Work", [
      timeseries({
        title: "Requests",
        width: 8,
        unit: unit.requestsPerSecond,
        queries: [
          { expr: rate("vault_core_handle_request_count"), legend: "all but signing in" },
          { expr: rate("vault_core_handle_login_request_count"), legend: "signing in" },
        ],
      }),
      timeseries({
        title: "Time of a request",
        description: "Mean.",
        width: 8,
        unit: unit.milliseconds,
        queries: `${rate("vault_core_handle_request_sum")} / (${rate("vault_core_handle_request_count")} > 0)`,
      }),
      timeseries({
        title: "Leases",
        width: 8,
        unit: unit.count,
        queries: [
          { expr: `max(vault_expire_num_leases{${ofService}})`, legend: "leases" },
          { expr: `sum(vault_token_count{${ofService}})`, legend: "tokens" },
        ],
      }),
    ]),
    row("Members", [
      timeseries({
        title: "Audit log that fails",
        description: "Without an audit log, Vault answers nobody.",
        width: 8,
        unit: unit.perSecond,
        queries: [
          { expr: rate("vault_audit_log_request_failure"), legend: "requests" },
          { expr: rate("vault_audit_log_response_failure"), legend: "answers" },
        ],
      }),
      timeseries({
        title: "Time until members have agreed",
        description: "Mean.",
        width: 8,
        unit: unit.milliseconds,
        queries: `${rate("vault_raft_commitTime_sum")} / (${rate("vault_raft_commitTime_count")} > 0)`,
      }),
      timeseries({
        title: "Changes of leader",
        width: 8,
        unit: unit.count,
        queries: `sum(increase(vault_core_leadership_lost_count{${ofService}}[1h]))`,
      }),
    ]),
    workloadRow(PODS),
    row("Logs", [serviceLogs()], { collapsed: true }),
  ],
});
