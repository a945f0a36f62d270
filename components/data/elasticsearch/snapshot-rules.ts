import { snapshotSchedule } from "./schedule";
import { S3_CLIENT } from "./snapshot-store";

/** Name of the repository, and of the policy that writes into it. */
export const REPOSITORY = "backup";

/** Body of PUT _snapshot: Elasticsearch tries at once whether every node can write there. */
export function snapshotRepository(bucket: string) {
  return { type: "s3", settings: { bucket, client: S3_CLIENT } };
}

/** Body of PUT _slm/policy: all indices, and users, roles and settings with them. */
export function snapshotPolicy(schedule: string, retentionDays: number) {
  return {
    schedule: snapshotSchedule(schedule),
    // Date math of Elasticsearch: the day on which it was made.
    name: "<backup-{now/d}>",
    repository: REPOSITORY,
    config: { indices: ["*"], include_global_state: true },
    // Never the last ones, however old: after a time without new ones they are all that there is.
    retention: { expire_after: `${retentionDays}d`, min_count: 3 },
  };
}
