import { leastInSync, usualReplicas } from "./cluster";
import { topicNameProblem, topicObjectName } from "./names";

export type CleanupPolicy = "delete" | "compact" | "compact,delete";

export interface TopicOptions {
  /** It can be raised, never lowered; keys move to other partitions then. @default 3 */
  readonly partitions?: number;
  /** Hours after which a message goes. @default 168 */
  readonly retentionHours?: number;
  /** GiB of each partition beyond which the oldest messages go. @default - no limit but the hours */
  readonly retentionGiB?: number;
  /** Brokers that have each partition. Changing it needs the partitions moved by hand. @default 3, or as many as there are */
  readonly replicas?: number;
  /** `compact` keeps the last message of each key for ever. @default delete */
  readonly cleanup?: CleanupPolicy;
}

export const USUAL_PARTITIONS = 3;
export const USUAL_RETENTION_HOURS = 168;

const HOUR_MS = 3_600_000;
const GIB = 1024 ** 3;
/** Kafka removes whole files only, and never the one that it writes: a file must be closed well before its time is over. */
const FILES_OF_A_RETENTION = 4;
const SHORTEST_FILE_MS = 10 * 60_000;
const LONGEST_FILE_MS = 7 * 24 * HOUR_MS;

/** Kafka's own settings of a topic. */
export function topicConfig(options: TopicOptions, brokers: number): Record<string, string | number> {
  const { retentionHours = USUAL_RETENTION_HOURS, retentionGiB, cleanup = "delete" } = options;
  const retentionMs = retentionHours * HOUR_MS;
  const fileMs = Math.round(retentionMs / FILES_OF_A_RETENTION);
  const fileBytes = Math.round(((retentionGiB ?? Number.POSITIVE_INFINITY) * GIB) / FILES_OF_A_RETENTION);
  const timed = cleanup !== "compact";
  return {
    "cleanup.policy": cleanup,
    "min.insync.replicas": leastInSync(options.replicas ?? usualReplicas(brokers)),
    ...(timed
      ? {
          "retention.ms": retentionMs,
          "segment.ms": Math.min(LONGEST_FILE_MS, Math.max(SHORTEST_FILE_MS, fileMs)),
          "segment.bytes": Math.min(GIB, fileBytes),
        }
      : {}),
    ...(timed && retentionGiB !== undefined ? { "retention.bytes": retentionGiB * GIB } : {}),
  };
}

/** Spec of the kafka.strimzi.io/v1 KafkaTopic. */
export function topicSpec(topic: string, options: TopicOptions, brokers: number) {
  return {
    topicName: topic,
    partitions: options.partitions ?? USUAL_PARTITIONS,
    replicas: options.replicas ?? usualReplicas(brokers),
    config: topicConfig(options, brokers),
  };
}

/** Name of the object; throws at what Kafka would refuse. */
export function checkedTopicName(topic: string): string {
  const problem = topicNameProblem(topic);
  if (problem !== undefined) throw new Error(`Topic name "${topic}": ${problem}. Choose another name.`);
  return topicObjectName(topic);
}
