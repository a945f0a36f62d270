import { type Panel, type Row, row } from "./panel";
import { stat, timeseries } from "./panels";
import { above } from "./thresholds";
import { unit } from "./units";
import { inNamespace } from "./variables";

export interface WorkloadOptions {
  /** Names of the pods, as a regular expression. */
  readonly pods: string;
  /** Names of their volume claims, as a regular expression. @default - they have no volumes */
  readonly claims?: string;
}

/** How many of the targets with the metric answer. `selector` is written between the braces. */
export const upStat = (selector: string, title = "Up"): Panel =>
  stat({
    title,
    description: "Pods that answer Prometheus.",
    unit: unit.ratio,
    thresholds: [
      { value: null, color: "red" },
      { value: 0.5, color: "orange" },
      { value: 1, color: "green" },
    ],
    queries: `avg(up{${selector}})`,
  });

/** Containers that were started anew within the day. */
export const restartsStat = ({ pods }: WorkloadOptions): Panel =>
  stat({
    title: "Restarts, 24 h",
    unit: unit.count,
    decimals: 0,
    thresholds: above({ warning: 1, critical: 5 }),
    noValue: "0",
    queries: `sum(increase(kube_pod_container_status_restarts_total{${inNamespace},pod=~"${pods}"}[24h]))`,
  });

/** What the fullest volume has in use. */
export const volumeStat = ({ claims = ".+" }: WorkloadOptions): Panel =>
  stat({
    title: "Fullest volume",
    unit: unit.ratio,
    thresholds: above({ warning: 0.75, critical: 0.9 }),
    queries: `max(${usedOf(claims)})`,
  });

/** Kubernetes' pods: what of CPU, memory and volumes is used. */
export function workloadRow({ pods, claims }: WorkloadOptions): Row {
  const width = claims === undefined ? 12 : 8;
  const containers = `${inNamespace},pod=~"${pods}",container!=""`;
  const memory = `sum by (pod) (container_memory_working_set_bytes{${containers}})`;
  const limit = `sum by (pod) (kube_pod_container_resource_limits{${containers},resource="memory"})`;
  const panels = [
    timeseries({
      title: "CPU",
      description: "In cores.",
      width,
      unit: unit.count,
      queries: {
        expr: `sum by (pod) (rate(container_cpu_usage_seconds_total{${containers}}[$__rate_interval]))`,
        legend: "{{pod}}",
      },
    }),
    timeseries({
      title: "Memory, of its limit",
      width,
      unit: unit.ratio,
      thresholds: above({ critical: 0.9 }),
      queries: { expr: `${memory} / ${limit}`, legend: "{{pod}}" },
    }),
  ];
  const volume = timeseries({
    title: "Volumes, used",
    width,
    unit: unit.ratio,
    thresholds: above({ critical: 0.9 }),
    queries: { expr: usedOf(claims ?? ".+"), legend: "{{persistentvolumeclaim}}" },
  });
  return row("Pods", claims === undefined ? panels : [...panels, volume]);
}

const usedOf = (claims: string) => {
  const volumes = `${inNamespace},persistentvolumeclaim=~"${claims}"`;
  const used = `max by (persistentvolumeclaim) (kubelet_volume_stats_used_bytes{${volumes}})`;
  return `${used} / max by (persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{${volumes}})`;
};
