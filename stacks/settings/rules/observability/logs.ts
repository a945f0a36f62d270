import { AVERAGE_OF_PEAK, volumeForLogsGiB } from "../../../../components/observability/loki/sizes";
import { logsBucketDays, logsInBucket, lokiReplicas, lokiVolumeGiB } from "../../observability";
import type { Settings } from "../../schema";
import { schedulableNodes } from "../control-plane";
import { type Finding, type Rule, rule } from "../rule";
import { hostRules } from "./hosts";

/** Over settings in which logs are kept. */
function logsRule(id: string, check: (settings: Settings) => Finding[]): Rule {
  return rule(id, (settings) =>
    settings.observability.enabled && settings.observability.logs.enabled ? check(settings) : [],
  );
}

/** Days that the compactor and the index of the last day need beyond the retention. */
const BUCKET_MARGIN_DAYS = 2;

/** Streams of one node or machine: its services, the kernel, and one of each agent. */
const STREAMS_PER_NODE = 20;
/** Streams of what the program itself installs. */
const STREAMS_OF_PLATFORM = 150;

export const logsRules: readonly Rule[] = [
  logsRule("logs-replicas", ({ observability: { logs } }) =>
    logs.replicas !== 2
      ? []
      : [
          {
            path: "observability.logs.replicas",
            value: logs.replicas,
            message: "Loki writes to a majority of its servers: when one of two is away, nothing is taken any more.",
            allowed: "1 or 3",
            fix: "Set orrery:observability.logs.replicas to 3, or to 1.",
          },
        ],
  ),
  logsRule("logs-replicas-bucket", (settings) =>
    lokiReplicas(settings) === 1 || lokiReplicas(settings) === 2 || logsInBucket(settings)
      ? []
      : [
          {
            path: "observability.logs.replicas",
            value: lokiReplicas(settings),
            message: "Several servers have their chunks in common, and without a bucket each has only its own volume.",
            allowed: "1 while observability.logs.bucket is false",
            fix: "Set orrery:objects.kind to minio and orrery:observability.logs.bucket to true, or orrery:observability.logs.replicas to 1.",
          },
        ],
  ),
  logsRule("logs-bucket", ({ objects, observability: { logs } }) =>
    logs.bucket !== true || objects.kind !== "off"
      ? []
      : [
          {
            path: "observability.logs.bucket",
            value: logs.bucket,
            message: "Logs are to be kept in a bucket, and there is no store of objects.",
            allowed: "true only with objects.kind minio or external",
            fix: "Set orrery:objects.kind to minio, or remove orrery:observability.logs.bucket.",
          },
        ],
  ),
  logsRule("logs-bucket-days", (settings) => {
    const { bucketDays, retentionDays } = settings.observability.logs;
    if (bucketDays !== undefined && !logsInBucket(settings)) {
      return [
        {
          path: "observability.logs.bucketDays",
          value: bucketDays,
          message: "Logs are on Loki's volume: there is no bucket whose rule it could be.",
          allowed: "not set while logs are not in a bucket",
          fix: "Remove orrery:observability.logs.bucketDays, or set orrery:observability.logs.bucket to true.",
        },
      ];
    }
    const least = retentionDays + BUCKET_MARGIN_DAYS;
    return logsBucketDays(settings) >= least
      ? []
      : [
          {
            path: "observability.logs.retentionDays",
            value: retentionDays,
            message: `The bucket removes everything after ${bucketDays} days: Loki's index would speak of logs that are gone.`,
            allowed: `at most ${Math.max(1, logsBucketDays(settings) - BUCKET_MARGIN_DAYS)} while bucketDays is ${bucketDays}`,
            fix: `Set orrery:observability.logs.bucketDays to ${least} or more, or keep logs for a shorter time.`,
          },
        ];
  }),
  logsRule("logs-volume", (settings) => {
    const { retentionDays, ingestionMiBPerSecond } = settings.observability.logs;
    if (logsInBucket(settings)) return [];
    const [has, needs] = [lokiVolumeGiB(settings), Math.ceil(volumeForLogsGiB(ingestionMiBPerSecond, retentionDays))];
    const average = ingestionMiBPerSecond * AVERAGE_OF_PEAK;
    return needs <= has
      ? []
      : [
          {
            path: "observability.logs.retentionDays",
            value: retentionDays,
            message: `At ${average} MiB/s, a two-hundredth of the limit, ${retentionDays} days of logs take ${needs} GiB, and Loki's volume has ${has} GiB.`,
            allowed: `at most ${Math.max(1, Math.floor((retentionDays * has) / needs))} with this volume and this rate`,
            fix: `Set orrery:observability.logs.storageGiB to ${needs} or more, or lower retentionDays or ingestionMiBPerSecond.`,
          },
        ];
  }),
  logsRule("logs-streams", (settings) => {
    const { maxStreams } = settings.observability.logs;
    const nodes = schedulableNodes(settings) + settings.controlPlane.count + settings.observability.hosts.length;
    const least = STREAMS_OF_PLATFORM + nodes * STREAMS_PER_NODE;
    return maxStreams >= least
      ? []
      : [
          {
            path: "observability.logs.maxStreams",
            value: maxStreams,
            message: `${nodes} machines and the platform alone have about ${least} streams: logs of what comes last would be refused.`,
            allowed: `${least} or more for this cluster`,
            fix: "Remove orrery:observability.logs.maxStreams, or raise it.",
          },
        ];
  }),
  ...hostRules,
];
