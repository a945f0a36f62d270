import type * as pulumi from "@pulumi/pulumi";
import type { PoolPrice } from "../../../components/kit/dashboard";
import { Telemetry } from "../../../components/kit/telemetry";
import { COLLECTOR } from "../../../components/observability/collector/address";
import type { Settings } from "../../settings";
import type { LateSystems, SystemContext } from "../context";
import { createAlerts } from "./alerts";
import { createCollector } from "./collector";
import { createDashboards } from "./dashboards";
import { createGpuExporters } from "./gpu";
import { createHosts, exposeHosts } from "./hosts";
import { createInstrumentation } from "./instrumentation";
import { createAgents, createLogs } from "./logs";
import { createLongTerm } from "./long-term";
import { createMetrics } from "./metrics";
import { createMonitors } from "./monitors";
import { createOperator } from "./operator";
import { createProbes } from "./probes";
import { createRules } from "./rules";
import { createTraces } from "./traces";

/** Where everything says what it serves, from the first component on. */
export function createTelemetry({ cluster, observability }: Settings): Telemetry {
  const takesTraces = observability.enabled && observability.traces.enabled;
  return new Telemetry(takesTraces ? { ...COLLECTOR, cluster: cluster.name } : undefined);
}

/** What the stack's outputs say of the layer. */
export interface ObservabilityOutputs {
  /** Grafana, where people find it. */
  readonly grafana?: string;
  /** Alloy's configuration for each machine outside the cluster, with its token: secret. */
  readonly hosts?: Readonly<Record<string, pulumi.Output<string>>>;
}

/**
 * The observability layer, which comes last: by then everything has said what it serves. Stores first, then what
 * writes to them, then what reads from them.
 */
export function createObservability(
  context: SystemContext,
  systems: LateSystems,
  prices: readonly PoolPrice[] = [],
): ObservabilityOutputs {
  if (!context.settings.observability.enabled) return {};
  const operator = createOperator(context);
  const logs = createLogs(context, systems);
  const longTerm = createLongTerm(context, systems);
  const alerts = createAlerts(context, systems, { operator });
  const prometheus = createMetrics(context, systems, { operator, longTerm, alerts });
  const store = longTerm ?? prometheus;
  const traces = createTraces(context, systems, store);
  createInstrumentation(context, systems);
  const hosts = createHosts(context);
  const collector = createCollector(context, { traces, metrics: store, logs, hosts });
  createAgents(context, logs);
  createGpuExporters(context, systems.gpus);
  createProbes(context, systems, operator);
  const grafana = createDashboards(context, systems, { metrics: store, logs, traces, alerts }, prices);
  createMonitors(context, { operator, prometheus });
  createRules(context, { operator });
  return { grafana: grafana.url, hosts: exposeHosts(context, systems, { collector, hosts }) };
}
