import { mimirFigures, neededGiB } from "../../../../components/observability/mimir";
import {
  keepsMetricsLong,
  mimirMaxSeries,
  mimirReplicas,
  mimirStorageGiB,
  prometheusRetentionDays,
} from "../../observability";
import type { Settings } from "../../schema";
import { type Finding, type Rule, rule } from "../rule";

const PATH = "observability.metrics.longTerm";

function mimirRule(id: string, check: (settings: Settings) => Finding[]): Rule {
  return rule(id, (settings) => (keepsMetricsLong(settings) ? check(settings) : []));
}

/** Metrics for years: what Mimir needs, and what would keep nothing. */
export const longTermRules: readonly Rule[] = [
  mimirRule("mimir-without-buckets", ({ objects, observability }) =>
    objects.kind !== "off"
      ? []
      : [
          {
            path: `${PATH}.enabled`,
            value: observability.metrics.longTerm.enabled,
            message: "Mimir keeps metrics in a bucket, and object storage is switched off.",
            allowed: "false while objects.kind is off",
            fix: `Set orrery:objects.kind to minio or external, or orrery:${PATH}.enabled to false.`,
          },
        ],
  ),
  mimirRule("mimir-replicas", (settings) =>
    mimirReplicas(settings) !== 2
      ? []
      : [
          {
            path: `${PATH}.replicas`,
            value: 2,
            message: "Of two servers both have to take each sample: when one is away, nothing is written.",
            allowed: "1 or 3",
            fix: `Set orrery:${PATH}.replicas to 3, or to 1.`,
          },
        ],
  ),
  mimirRule("mimir-retention", (settings) => {
    const { retentionDays } = settings.observability.metrics.longTerm;
    const own = prometheusRetentionDays(settings);
    return retentionDays >= own
      ? []
      : [
          {
            path: `${PATH}.retentionDays`,
            value: retentionDays,
            message: `Prometheus itself keeps metrics for ${own} days: Mimir would have less than is there without it.`,
            allowed: `${own} to 3650`,
            fix: `Set orrery:${PATH}.retentionDays to ${own} or more, or orrery:observability.metrics.retentionDays lower.`,
          },
        ];
  }),
  mimirRule("mimir-series", (settings) => {
    const { environment, observability } = settings;
    const bears = mimirFigures(observability.size, environment).series;
    const asked = mimirMaxSeries(settings);
    return asked <= bears
      ? []
      : [
          {
            path: `${PATH}.maxSeries`,
            value: asked,
            message: `A Mimir of size ${observability.size} has memory for ${bears} time series, and would be killed by more.`,
            allowed: `10000 to ${bears} with observability.size ${observability.size}`,
            fix: `Set orrery:observability.size to the next one, or orrery:${PATH}.maxSeries to ${bears} or less.`,
          },
        ];
  }),
  mimirRule("mimir-storage", (settings) => {
    const { scrapeIntervalSeconds } = settings.observability.metrics;
    const storageGiB = mimirStorageGiB(settings);
    const needed = neededGiB(mimirMaxSeries(settings), scrapeIntervalSeconds);
    return storageGiB >= needed
      ? []
      : [
          {
            path: `${PATH}.storageGiB`,
            value: storageGiB,
            message:
              `Half a day of ${mimirMaxSeries(settings)} time series, measured every ${scrapeIntervalSeconds} seconds, ` +
              "does not fit in: Mimir would stop taking samples when the volume is full.",
            allowed: `${needed} to 10240`,
            fix: `Set orrery:${PATH}.storageGiB to ${needed} or more, or orrery:${PATH}.maxSeries lower.`,
          },
        ];
  }),
];
