import { stringify } from "yaml";
import type { BucketHandle } from "../../kit/bucket";
import type { Environment, Size } from "../../kit/sizes";
import { STORE_AUTHORITY_FILE } from "../../kit/store-access";
import { LOKI_INDEX_LABELS } from "../labels";
import { lokiMemory } from "./sizes";

export const HTTP_PORT = 3100;
export const GRPC_PORT = 9095;
export const GOSSIP_PORT = 7946;

export const DATA = "/var/loki";

/** Limits that the settings give. */
export interface LokiLimits {
  readonly retentionDays: number;
  /** What all together may write, in MiB each second. */
  readonly ingestionMiBPerSecond: number;
  /** Streams at one time. */
  readonly maxStreams: number;
}

export interface LokiFacts extends LokiLimits {
  readonly environment: Environment;
  readonly size: Size;
  readonly replicas: number;
  /** DNS name at which the members find each other. */
  readonly peers: string;
  /** @default - chunks and index are on the volume */
  readonly bucket?: Pick<BucketHandle, "bucket" | "endpoint" | "region" | "caConfigMap">;
}

/** Days of the first schema: every day that logs can be of. A new schema is a new period behind this one. */
const FIRST_DAY = "2024-04-01";

/** Longer lines are cut, with this at their end, instead of being refused. */
const LINE_LIMIT = "256KB";
const CUT = " [cut by Loki]";

/** Loki's configuration file. `${POD_IP}` is put in by Loki itself (-config.expand-env). */
export function lokiConfig(facts: LokiFacts): string {
  const { environment, size, bucket } = facts;
  const memory = lokiMemory(size, environment);
  const store = bucket === undefined ? "filesystem" : "s3";
  return stringify(
    {
      auth_enabled: false,
      target: "all",
      server: {
        http_listen_port: HTTP_PORT,
        grpc_listen_port: GRPC_PORT,
        // A push of the agents is 1 MiB, and a query's part may be much more.
        grpc_server_max_recv_msg_size: 16 * MIB,
        grpc_server_max_send_msg_size: 16 * MIB,
        log_format: "json",
      },
      analytics: { reporting_enabled: false },
      tracing: { enabled: false },
      common: common(facts),
      ...(facts.replicas === 1 ? {} : { memberlist: memberlist(facts) }),
      schema_config: {
        configs: [
          {
            from: FIRST_DAY,
            store: "tsdb",
            object_store: store,
            schema: "v13",
            index: { prefix: "index_", period: "24h" },
          },
        ],
      },
      ingester: {
        // A third less on disk than with snappy, for a quarter more CPU.
        chunk_encoding: "zstd",
        // What a crash leaves is replayed; an ordered end writes nothing out that the next start would not have.
        wal: { replay_memory_ceiling: `${memory.replayMiB}MB` },
      },
      compactor: {
        working_directory: `${DATA}/compactor`,
        retention_enabled: true,
        delete_request_store: store,
      },
      limits_config: limits(facts),
      querier: { max_concurrent: memory.queries },
      frontend: { encoding: "protobuf" },
      query_range: { results_cache: { cache: cache(memory.cacheMiB) } },
      chunk_store_config: { chunk_cache_config: cache(memory.cacheMiB) },
    },
    { lineWidth: 0 },
  );
}

const MIB = 1024 * 1024;

function common({ replicas, bucket }: LokiFacts) {
  return {
    path_prefix: DATA,
    replication_factor: replicas,
    instance_addr: "${POD_IP}",
    ring: { kvstore: { store: replicas === 1 ? "inmemory" : "memberlist" } },
    storage: bucket === undefined ? filesystem : { s3: s3(bucket) },
  };
}

const filesystem = { filesystem: { chunks_directory: `${DATA}/chunks`, rules_directory: `${DATA}/rules` } };

/** The keys are not in here: the client reads AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from its environment. */
function s3({ bucket, endpoint, region, caConfigMap }: NonNullable<LokiFacts["bucket"]>) {
  return {
    bucketnames: bucket,
    endpoint,
    region,
    s3forcepathstyle: true,
    ...(caConfigMap === undefined ? {} : { http_config: { ca_file: STORE_AUTHORITY_FILE } }),
  };
}

function memberlist({ peers }: LokiFacts) {
  return {
    join_members: [`dns+${peers}:${GOSSIP_PORT}`],
    bind_port: GOSSIP_PORT,
    advertise_addr: "${POD_IP}",
    // Another ring of the same kind in this namespace is never taken for this one.
    cluster_label: "loki",
    // Members start together: the first ones find nobody yet.
    abort_if_cluster_join_fails: false,
    rejoin_interval: "1m",
  };
}

function limits({ retentionDays, ingestionMiBPerSecond, maxStreams }: LokiFacts) {
  const burst = Math.max(2 * ingestionMiBPerSecond, 6);
  return {
    retention_period: `${retentionDays * 24}h`,
    ingestion_rate_mb: ingestionMiBPerSecond,
    ingestion_burst_size_mb: burst,
    // One service is one stream, all of its pods together: it may have the whole rate.
    per_stream_rate_limit: kilobytes(ingestionMiBPerSecond),
    per_stream_rate_limit_burst: kilobytes(burst),
    max_global_streams_per_user: maxStreams,
    // Agents send what they had to keep while Loki was away: as late as logs are kept at all.
    reject_old_samples_max_age: `${retentionDays * 24}h`,
    max_line_size: LINE_LIMIT,
    max_line_size_truncate: true,
    max_line_size_truncate_identifier: CUT,
    max_query_lookback: `${retentionDays * 24}h`,
    max_query_length: `${(retentionDays + 1) * 24}h`,
    // Our own label `service` says it; a second one would be in every index entry.
    discover_service_name: [],
    volume_enabled: true,
    allow_structured_metadata: true,
    otlp_config: {
      resource_attributes: {
        ignore_defaults: true,
        attributes_config: [{ action: "index_label", attributes: [...LOKI_INDEX_LABELS] }],
      },
    },
  };
}

/** Loki reads whole numbers, and its KB are KiB. */
function kilobytes(mebibytes: number): string {
  return `${Math.round(mebibytes * 1024)}KB`;
}

function cache(sizeMiB: number) {
  return { embedded_cache: { enabled: true, max_size_mb: sizeMiB } };
}
