import {
  keepsMetricsLong,
  lokiReplicas,
  lokiVolumeGiB,
  mimirReplicas,
  mimirStorageGiB,
  prometheusReplicas,
  prometheusStorageGiB,
  tempoReplicas,
  tempoVolumeGiB,
} from "./observability";
import type { Settings } from "./schema";
import type { PlannedVolumes } from "./volumes";

/** Volumes of the observability layer; whoever of it keeps data adds its row. */
export function observabilityVolumes(settings: Settings): PlannedVolumes[] {
  if (!settings.observability.enabled) return [];
  return [
    {
      setting: "observability.metrics",
      countSetting: "observability.metrics.replicas",
      count: prometheusReplicas(settings),
      sizeSetting: "observability.metrics.storageGiB",
      storageGiB: prometheusStorageGiB(settings),
    },
    ...(settings.observability.logs.enabled
      ? [
          {
            setting: "observability.logs",
            countSetting: "observability.logs.replicas",
            count: lokiReplicas(settings),
            sizeSetting: "observability.logs.storageGiB",
            storageGiB: lokiVolumeGiB(settings),
          },
        ]
      : []),
    ...(settings.observability.traces.enabled
      ? [
          {
            setting: "observability.traces",
            countSetting: "observability.traces.replicas",
            count: tempoReplicas(settings),
            sizeSetting: "observability.traces.storageGiB",
            storageGiB: tempoVolumeGiB(settings),
          },
        ]
      : []),
    ...(keepsMetricsLong(settings)
      ? [
          {
            setting: "observability.metrics.longTerm",
            countSetting: "observability.metrics.longTerm.replicas",
            count: mimirReplicas(settings),
            sizeSetting: "observability.metrics.longTerm.storageGiB",
            storageGiB: mimirStorageGiB(settings),
          },
        ]
      : []),
  ];
}
