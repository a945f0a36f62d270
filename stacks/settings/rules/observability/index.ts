import type { Rule } from "../rule";
import { alertsRules } from "./alerts";
import { dashboardsRules } from "./dashboards";
import { logsRules } from "./logs";
import { longTermRules } from "./long-term";
import { metricsRules } from "./metrics";
import { probesRules } from "./probes";
import { tracesRules } from "./traces";

/** Rules over `observability`, one file for each part. */
export const observabilityRules: readonly Rule[] = [
  ...metricsRules,
  ...longTermRules,
  ...logsRules,
  ...tracesRules,
  ...dashboardsRules,
  ...alertsRules,
  ...probesRules,
];
