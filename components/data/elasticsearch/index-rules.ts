/** What a consumer may do with its index: each can do what those before it can. */
export type IndexAccess = "read" | "write" | "manage";

export interface IndexFacts {
  /** Name of the index, or of the data stream. */
  readonly index: string;
  /** Days that a document is kept at least. @default - for ever: an index whose documents can be changed */
  readonly retentionDays?: number;
  /** Primary shards. */
  readonly shards: number;
  /** Copies of each, beside the primary. */
  readonly replicas: number;
  /** Volume of each node. */
  readonly storageGiB: number;
  readonly access: IndexAccess;
}

const MOST_ROLLOVER_GIB = 10;
const MOST_ROLLOVER_DAYS = 30;
/** Above the templates that Elasticsearch brings along. */
const TEMPLATE_PRIORITY = 500;

const PRIVILEGES: Readonly<Record<IndexAccess, readonly string[]>> = {
  read: ["read", "view_index_metadata"],
  write: ["read", "view_index_metadata", "write"],
  manage: ["read", "view_index_metadata", "write", "manage"],
};

/** Role, user, template and policy of an index are called so: no name that Elasticsearch has itself begins like it. */
export function indexObjectName(index: string): string {
  return `index-${index}`;
}

/** After how many days a data stream goes on in a new index; documents are deleted by whole indices. */
export function rolloverDays(retentionDays: number): number {
  return Math.min(MOST_ROLLOVER_DAYS, Math.ceil(retentionDays / 10));
}

/** At which size of a shard it does so as well: several of them have to find room on a node's volume. */
export function rolloverGiB(storageGiB: number): number {
  return Math.min(MOST_ROLLOVER_GIB, Math.max(1, Math.floor(storageGiB / 20)));
}

/** Body of PUT _ilm/policy: an index of the stream is deleted when its youngest document is old enough. */
export function lifecyclePolicy(retentionDays: number, storageGiB: number) {
  const size = `${rolloverGiB(storageGiB)}gb`;
  const rollover = { max_age: `${rolloverDays(retentionDays)}d`, max_primary_shard_size: size };
  return {
    policy: {
      phases: {
        hot: { min_age: "0ms", actions: { rollover } },
        delete: { min_age: `${retentionDays}d`, actions: { delete: {} } },
      },
    },
  };
}

/** Body of PUT _index_template. */
export function indexTemplate({ index, retentionDays, shards, replicas }: IndexFacts) {
  const lifecycle = { lifecycle: { name: indexObjectName(index) } };
  return {
    index_patterns: [index],
    priority: TEMPLATE_PRIORITY,
    ...(retentionDays === undefined ? {} : { data_stream: {} }),
    template: {
      settings: {
        index: {
          number_of_shards: shards,
          number_of_replicas: replicas,
          ...(retentionDays === undefined ? {} : lifecycle),
        },
      },
    },
  };
}

/** Body of PUT _security/role: this index, and the question whose server this is, which clients ask first. */
export function indexRole({ index, access }: IndexFacts) {
  return {
    cluster: ["cluster:monitor/main"],
    indices: [{ names: [index], privileges: [...PRIVILEGES[access]] }],
  };
}

/** Body of PUT _settings: what can be changed on an index that is there. */
export function indexSettings({ replicas }: IndexFacts) {
  return { index: { number_of_replicas: replicas } };
}
