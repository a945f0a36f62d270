import {
  above,
  dashboard,
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
import { upStat, workloadRow } from "../../kit/dashboards/workload-panels";

const PODS = { pods: "minio-.*", claims: ".*minio.*" };

const calls = (what: string, by = "name") =>
  `sum by (${by}) (rate(minio_api_requests_${what}{${ofService}}[$__rate_interval]))`;

const FREE = `min(minio_cluster_health_capacity_usable_free_bytes{${ofService}})`;
const ROOM = `max(minio_cluster_health_capacity_usable_total_bytes{${ofService}})`;

/** Whether MinIO's servers and drives are there, what is asked of the buckets, and how full they are. */
export const minioDashboard = dashboard({
  uid: "minio",
  title: "Object storage",
  folder: "platform",
  variables: () => serviceVariables("minio_cluster_health_nodes_online_count"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Servers",
        unit: unit.count,
        queries: `max(minio_cluster_health_nodes_online_count{${ofService}})`,
      }),
      stat({
        title: "Drives away",
        unit: unit.count,
        thresholds: none,
        queries: `max(minio_cluster_health_drives_count{${ofService}}) - min(minio_cluster_health_drives_online_count{${ofService}})`,
      }),
      stat({
        title: "Full",
        unit: unit.ratio,
        thresholds: above({ warning: 0.75, critical: 0.9 }),
        queries: `1 - ${FREE} / ${ROOM}`,
      }),
      stat({
        title: "Requests that fail",
        description: "By the server's own fault.",
        unit: unit.ratio,
        thresholds: above({ warning: 0.01, critical: 0.05 }),
        noValue: "0",
        queries: `sum(rate(minio_api_requests_5xx_errors_total{${ofService}}[$__rate_interval])) / sum(rate(minio_api_requests_total{${ofService}}[$__rate_interval]))`,
      }),
      stat({
        title: "Requests now",
        unit: unit.count,
        noValue: "0",
        queries: `sum(minio_api_requests_inflight_total{${ofService}})`,
      }),
    ]),
    row("Work", [
      timeseries({
        title: "Requests",
        unit: unit.requestsPerSecond,
        queries: { expr: `topk(10, ${calls("total")})`, legend: "{{name}}" },
      }),
      timeseries({
        title: "Traffic",
        unit: unit.bytesPerSecond,
        queries: [
          { expr: calls("traffic_received_bytes", "type"), legend: "in" },
          { expr: calls("traffic_sent_bytes", "type"), legend: "out" },
        ],
      }),
      timeseries({
        title: "Time to the first byte, 95th percentile",
        unit: unit.seconds,
        queries: {
          expr: `histogram_quantile(0.95, ${calls("ttfb_seconds_distribution", "name, le")})`,
          legend: "{{name}}",
        },
      }),
      timeseries({
        title: "Requests that fail",
        unit: unit.requestsPerSecond,
        queries: [
          { expr: calls("4xx_errors_total"), legend: "{{name}}: the caller's fault" },
          { expr: calls("5xx_errors_total"), legend: "{{name}}: the server's" },
        ],
      }),
    ]),
    row("Room", [
      timeseries({
        title: "Room",
        unit: unit.bytes,
        queries: [
          { expr: FREE, legend: "free" },
          { expr: ROOM, legend: "all" },
        ],
      }),
      timeseries({
        title: "Drives, used",
        unit: unit.ratio,
        thresholds: above({ critical: 0.9 }),
        queries: {
          expr: `max by (server, drive) (minio_system_drive_used_bytes{${ofService}} / minio_system_drive_total_bytes{${ofService}})`,
          legend: "{{server}} {{drive}}",
        },
      }),
    ]),
    workloadRow(PODS),
    row("Logs", [serviceLogs()], { collapsed: true }),
  ],
});
