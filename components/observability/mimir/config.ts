import { stringify } from "yaml";
import type { BucketHandle } from "../../kit/bucket";
import { STORE_AUTHORITY_FILE } from "../../kit/store-access";
import { ingestion } from "./sizes";

export const HTTP_PORT = 8080;
export const GRPC_PORT = 9095;
export const GOSSIP_PORT = 7946;

export const DATA = "/var/mimir";

/** Behind it is Prometheus' own API. */
export const QUERY_PATH = "/prometheus";
export const PUSH_PATH = "/api/v1/push";

export interface MimirFacts {
  readonly cluster: string;
  readonly replicas: number;
  /** DNS name behind which every server is. */
  readonly peers: string;
  readonly retentionDays: number;
  /** Time series that may be written at one time. */
  readonly maxSeries: number;
  readonly bucket: Pick<BucketHandle, "bucket" | "endpoint" | "region" | "caConfigMap">;
}

/** Copies of each series among the servers; two of them have to be written. */
const COPIES = 3;

/** Samples that come late, from the collector and after a pause of it: as late as Prometheus takes them. */
const OUT_OF_ORDER_WINDOW = "30m";

/** Examples of traces that are kept in memory. */
const EXEMPLARS = 100_000;

/** Mimir puts the variable's value in its place. */
const ADDRESS = `\${POD_IP}`;

/**
 * Mimir's configuration file: everything in one program, without Kafka. What is written goes to three servers and from
 * their volumes into the bucket, every two hours.
 */
export function mimirConfig(facts: MimirFacts): string {
  const copies = Math.min(facts.replicas, COPIES);
  const member = { instance_addr: ADDRESS };
  return stringify(
    {
      target: "all",
      multitenancy_enabled: false,
      ingest_storage: { enabled: false },
      usage_stats: { enabled: false },
      activity_tracker: { filepath: `${DATA}/activity.log` },
      api: { prometheus_http_prefix: QUERY_PATH },
      server: { http_listen_port: HTTP_PORT, grpc_listen_port: GRPC_PORT, log_format: "json" },
      memberlist: memberlist(facts),
      distributor: {
        ring: member,
        // Two Prometheus servers scrape the same: one of them is listened to, and the other when that one is away.
        ha_tracker: { enable_ha_tracker: true },
      },
      ingester: {
        ring: {
          ...member,
          replication_factor: copies,
          // The same place after a restart: nothing has to move.
          tokens_file_path: `${DATA}/ingester-tokens`,
          unregister_on_shutdown: false,
        },
      },
      querier: { ring: member },
      frontend: { address: ADDRESS },
      query_scheduler: { ring: member },
      store_gateway: {
        sharding_ring: { ...member, replication_factor: copies, tokens_file_path: `${DATA}/store-gateway-tokens` },
      },
      compactor: { data_dir: `${DATA}/compactor`, sharding_ring: member },
      // Prometheus evaluates the rules: there are none here, and never will be.
      ruler: { ring: member, rule_path: `${DATA}/rules` },
      ruler_storage: { backend: "filesystem", filesystem: { dir: `${DATA}/no-rules` } },
      blocks_storage: {
        backend: "s3",
        s3: s3(facts.bucket),
        tsdb: { dir: `${DATA}/tsdb` },
        bucket_store: { sync_dir: `${DATA}/bucket-index` },
      },
      limits: limits(facts),
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

function memberlist({ replicas, peers, cluster }: MimirFacts) {
  return {
    // Members of another ring that come to have one of these addresses are not let in.
    cluster_label: `${cluster}-mimir`,
    bind_port: GOSSIP_PORT,
    advertise_addr: ADDRESS,
    // All start at the same time: nobody is there yet whom the first one could join.
    abort_if_cluster_join_fails: false,
    ...(replicas === 1 ? {} : { join_members: [`dns+${peers}:${GOSSIP_PORT}`] }),
  };
}

/** The keys are not in here: the client reads AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from its environment. */
function s3({ bucket, endpoint, region, caConfigMap }: MimirFacts["bucket"]) {
  const { protocol, host } = new URL(endpoint);
  return {
    bucket_name: bucket,
    endpoint: host,
    region,
    insecure: protocol === "http:",
    bucket_lookup_type: "path",
    ...(caConfigMap === undefined ? {} : { http: { tls_ca_path: STORE_AUTHORITY_FILE } }),
  };
}

function limits({ retentionDays, maxSeries }: MimirFacts) {
  const { perSecond, burst } = ingestion(maxSeries);
  return {
    compactor_blocks_retention_period: `${retentionDays}d`,
    // A query over more than is kept asks for nothing that is there.
    max_total_query_length: `${retentionDays + 1}d`,
    max_global_series_per_user: maxSeries,
    max_global_exemplars_per_user: EXEMPLARS,
    ingestion_rate: perSecond,
    ingestion_burst_size: burst,
    out_of_order_time_window: OUT_OF_ORDER_WINDOW,
    accept_ha_samples: true,
    ha_cluster_label: "cluster",
    ha_replica_label: REPLICA_LABEL,
    // As many labels as a pod of Kubernetes can bring along.
    max_label_names_per_series: 60,
  };
}

/** By this label Prometheus servers that scrape the same are told from each other; it is not kept. */
const REPLICA_LABEL = "__replica__";
