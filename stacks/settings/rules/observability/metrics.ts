import { neededGiB, prometheusFigures } from "../../../../components/observability/prometheus/sizes";
import { prometheusReplicas, prometheusRetentionDays, prometheusStorageGiB } from "../../observability";
import type { Settings } from "../../schema";
import { type Finding, type Rule, rule } from "../rule";

const PATH = "observability.metrics";
/** `rate()` needs two samples, and alerts look at the last five minutes. */
const MOST_SECONDS = 120;

function whileOn(id: string, check: (settings: Settings) => Finding[]): Rule {
  return rule(id, (settings) => (settings.observability.enabled ? check(settings) : []));
}

const figuresOf = ({ environment, observability: { size } }: Settings) => prometheusFigures(size, environment);

/** Prometheus: what would leave nobody measured, or the volume full. */
export const metricsRules: readonly Rule[] = [
  whileOn("metrics-replicas-prod", (settings) =>
    settings.environment !== "prod" || prometheusReplicas(settings) > 1
      ? []
      : [
          {
            path: `${PATH}.replicas`,
            value: settings.observability.metrics.replicas,
            message: "With one Prometheus nothing in prod is measured, and no alert comes, while its node restarts.",
            allowed: "2 in prod",
            fix: `Set orrery:${PATH}.replicas to 2, or remove it.`,
          },
        ],
  ),
  whileOn("metrics-scrape-interval", ({ observability: { metrics } }) =>
    metrics.scrapeIntervalSeconds <= MOST_SECONDS
      ? []
      : [
          {
            path: `${PATH}.scrapeIntervalSeconds`,
            value: metrics.scrapeIntervalSeconds,
            message:
              "Alerts look at the last five minutes, in which there must be two samples at least, also when one is lost.",
            allowed: `10 to ${MOST_SECONDS}`,
            fix: `Set orrery:${PATH}.scrapeIntervalSeconds to ${MOST_SECONDS} or less; 60 saves half of the usual 30.`,
          },
        ],
  ),
  whileOn("metrics-samples-per-target", (settings) => {
    const { samplesPerTarget } = settings.observability.metrics;
    const { series } = figuresOf(settings);
    return samplesPerTarget === undefined || samplesPerTarget <= series
      ? []
      : [
          {
            path: `${PATH}.samplesPerTarget`,
            value: samplesPerTarget,
            message: `A Prometheus of size ${settings.observability.size} has memory for ${series} time series in all: one target could take more.`,
            allowed: `1000 to ${series} with observability.size ${settings.observability.size}`,
            fix: `Set orrery:${PATH}.samplesPerTarget to ${series} or less, or orrery:observability.size to the next one.`,
          },
        ];
  }),
  whileOn("metrics-storage", (settings) => {
    const { scrapeIntervalSeconds } = settings.observability.metrics;
    const { series } = figuresOf(settings);
    const retentionDays = prometheusRetentionDays(settings);
    const storageGiB = prometheusStorageGiB(settings);
    const needed = neededGiB({ series, scrapeIntervalSeconds, retentionDays });
    return storageGiB >= needed
      ? []
      : [
          {
            path: `${PATH}.storageGiB`,
            value: storageGiB,
            message:
              `${retentionDays} days of the ${series} time series that size ${settings.observability.size} bears, ` +
              `measured every ${scrapeIntervalSeconds} seconds, do not fit in: the oldest would be gone earlier.`,
            allowed: `${needed} to 10240`,
            fix:
              `Set orrery:${PATH}.storageGiB to ${needed} or more, orrery:${PATH}.retentionDays lower, ` +
              `or orrery:${PATH}.scrapeIntervalSeconds higher.`,
          },
        ];
  }),
];
