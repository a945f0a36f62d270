import { BACKUP_COLLECTION, VARIABLES } from "./server-config";
import { configFile, fromEnv, type Node } from "./xml";

/** Makes databases and users. Its password is known to Jobs alone. */
export const ADMINISTRATOR = "orrery";
/** Reads everything to write it to the backups' store, and nothing else. */
export const BACKUP_USER = "backup";
/** Settings of who asked for a database. */
export const CONSUMER_PROFILE = "consumer";

export interface UsersConfigFacts {
  /** Memory of the server. */
  readonly memoryMiB: number;
  readonly replicated: boolean;
  readonly backup: boolean;
}

/** Users and settings that are there before anybody asks: file of users.d, read after the operator's own. */
export function usersConfig({ memoryMiB, replicated, backup }: UsersConfigFacts): string {
  // One query of one consumer never takes what all of the others need.
  const query = Math.floor(memoryMiB / 2) * 1024 * 1024;
  return configFile({
    profiles: {
      [CONSUMER_PROFILE]: {
        profile: "default",
        max_memory_usage: query,
        max_memory_usage_for_user: query,
        max_concurrent_queries_for_user: 50,
        ...(replicated ? { default_table_engine: "ReplicatedMergeTree" } : {}),
        constraints: {
          max_memory_usage: { min: 1, max: query },
          max_memory_usage_for_user: { min: 1, max: query },
          max_concurrent_queries_for_user: { readonly: {} },
        },
      },
    },
    users: {
      [ADMINISTRATOR]: {
        ...user(VARIABLES.administrator),
        access_management: 1,
        named_collection_control: 1,
      },
      ...(backup
        ? { [BACKUP_USER]: { ...user(VARIABLES.backupUser), grants: { query: backupGrants(replicated) } } }
        : {}),
    },
  });
}

/** From any address: the network's policies say whose pods get as far as this. */
function user(variable: string): Record<string, Node> {
  return {
    password_sha256_hex: fromEnv(variable),
    networks: { ip: "::/0" },
    profile: "default",
    quota: "default",
  };
}

function backupGrants(replicated: boolean): string[] {
  return [
    "GRANT BACKUP ON *.*",
    `GRANT NAMED COLLECTION ON ${BACKUP_COLLECTION}`,
    "GRANT READ, WRITE ON S3",
    ...(replicated ? ["GRANT CLUSTER ON *.*"] : []),
  ];
}
