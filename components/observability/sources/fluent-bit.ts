import type { MetricsSource } from "../../kit/signals";

export const fluentBitSource: MetricsSource = {
  source: "Fluent Bit 5.1",
  known: "the page Monitoring of its documentation",
  metrics: [
    "fluentbit_build_info",
    "fluentbit_input_bytes_total",
    "fluentbit_input_records_total",
    "fluentbit_output_dropped_records_total",
    "fluentbit_output_errors_total",
    "fluentbit_output_proc_bytes_total",
    "fluentbit_output_proc_records_total",
    "fluentbit_output_retries_failed_total",
    "fluentbit_output_retries_total",
  ],
};
