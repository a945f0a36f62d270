export { Monitors, type MonitorsArgs } from "./monitors";
export { createPrometheusOperator } from "./operator";
export { Prometheus, type PrometheusArgs } from "./prometheus";
