import type { MetricsSource } from "../../kit/signals";

export const alloySource: MetricsSource = {
  source: "Alloy 1.18",
  known: "the pages of loki.write, loki.source.file and loki.process in its documentation, and its controller's source",
  metrics: [
    "alloy_build_info",
    "alloy_component_controller_running_components",
    "loki_process_dropped_lines_total",
    "loki_source_file_files_active_total",
    "loki_source_file_read_bytes_total",
    "loki_source_file_read_lines_total",
    "loki_write_batch_retries_total",
    "loki_write_dropped_bytes_total",
    "loki_write_dropped_entries_total",
    "loki_write_sent_bytes_total",
    "loki_write_sent_entries_total",
  ],
};
