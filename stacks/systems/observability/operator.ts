import type { Operator } from "../../../components/kit/operator";
import { createPrometheusOperator } from "../../../components/observability/prometheus";
import type { SystemContext } from "../context";

/** The Prometheus operator: Prometheus and Alertmanager, monitors and rules come after it. */
export function createOperator({ platform, opts }: SystemContext): Operator {
  const { charts, namespaces } = platform;
  return createPrometheusOperator("prometheus-operator", { charts, namespaces }, opts);
}
