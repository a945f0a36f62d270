import { stringify } from "yaml";
import type { BucketHandle } from "../../kit/bucket";
import { STORE_AUTHORITY_FILE } from "../../kit/store-access";
import { LABELS } from "../labels";
import type { TempoLimits } from "./sizes";

export const HTTP_PORT = 3200;
export const OTLP_PORT = 4317;
/** Between the servers: spans go to their ingesters, and queries from every frontend to every querier. */
export const GRPC_PORT = 9095;
/** Between the servers: who is there. */
export const MEMBERLIST_PORT = 7946;

export const DATA = "/var/tempo";
/** Copies of each span; two of them have to be written. */
const REPLICATION = 3;

export interface TempoConfigFacts {
  readonly cluster: string;
  readonly replicas: number;
  /** DNS name behind which every server is. */
  readonly peers: string;
  readonly retentionDays: number;
  readonly limits: TempoLimits;
  /** Where blocks are kept. @default - on the volume */
  readonly store?: Pick<BucketHandle, "bucket" | "endpoint" | "region" | "caConfigMap">;
  /** Where the generator's metrics are written to. */
  readonly remoteWriteUrl: string;
}

/** The file tempo.yaml. One server does everything; three do everything too, and share it by a ring. */
export function tempoConfig(facts: TempoConfigFacts): string {
  const several = facts.replicas > 1;
  const ring = { kvstore: { store: several ? "memberlist" : "inmemory" } };
  // The pod's address, not that of whichever interface is called eth0.
  const member = { ...ring, instance_addr: ADDRESS };
  return stringify(
    {
      target: several ? "scalable-single-binary" : "all",
      stream_over_http_enabled: true,
      usage_report: { reporting_enabled: false },
      server: { http_listen_port: HTTP_PORT, grpc_listen_port: GRPC_PORT, log_format: "json", log_level: "info" },
      ...(several ? { memberlist: memberlist(facts) } : {}),
      distributor: {
        ring: member,
        receivers: { otlp: { protocols: { grpc: { endpoint: `0.0.0.0:${OTLP_PORT}` } } } },
      },
      ingester: {
        lifecycler: {
          address: ADDRESS,
          ring: { ...ring, replication_factor: several ? REPLICATION : 1 },
        },
      },
      compactor: { ring: member, compaction: { block_retention: hours(facts.retentionDays) } },
      querier: { frontend_worker: { frontend_address: `${several ? facts.peers : "127.0.0.1"}:${GRPC_PORT}` } },
      query_frontend: { search: { max_duration: hours(facts.retentionDays) } },
      metrics_generator: metricsGenerator(facts, member),
      storage: { trace: storage(facts) },
      overrides: { defaults: limits(facts) },
    },
    { lineWidth: 0 },
  );
}

/** Tempo puts the variable's value in its place. */
const ADDRESS = `\${POD_IP}`;

const hours = (days: number) => `${days * 24}h`;

function memberlist({ cluster, peers }: TempoConfigFacts) {
  return {
    // Members of another ring that come to have one of these addresses are not let in.
    cluster_label: `${cluster}-tempo`,
    bind_port: MEMBERLIST_PORT,
    advertise_addr: ADDRESS,
    join_members: [`dns+${peers}:${MEMBERLIST_PORT}`],
    // All start at the same time: nobody is there yet whom the first one could join.
    abort_if_cluster_join_fails: false,
  };
}

/** Service graphs and figures of spans, written to where the metrics are, with the trace of an example each. */
function metricsGenerator({ cluster, remoteWriteUrl }: TempoConfigFacts, ring: object) {
  return {
    ring,
    registry: { external_labels: { cluster } },
    storage: {
      path: `${DATA}/generator/wal`,
      remote_write_add_org_id_header: false,
      remote_write: [{ url: remoteWriteUrl, send_exemplars: true }],
    },
    traces_storage: { path: `${DATA}/generator/traces` },
  };
}

function storage({ store }: TempoConfigFacts) {
  const wal = { path: `${DATA}/wal` };
  if (store === undefined) return { backend: "local", wal, local: { path: `${DATA}/blocks` } };
  const { protocol, host } = new URL(store.endpoint);
  return {
    backend: "s3",
    wal,
    // The keys are in the environment, where S3 clients look for them.
    s3: {
      bucket: store.bucket,
      endpoint: host,
      region: store.region,
      forcepathstyle: true,
      insecure: protocol === "http:",
      ...(store.caConfigMap === undefined ? {} : { tls_ca_path: STORE_AUTHORITY_FILE }),
    },
  };
}

const MIB = 1024 * 1024;

function limits({ limits: { ingestionMiBPerSecond, maxSeries } }: TempoConfigFacts) {
  const { namespace, version } = LABELS;
  // `service` is a dimension of itself; the others get the names that they have everywhere.
  const dimensions = [
    { name: "namespace", source_labels: [namespace.attribute] },
    { name: "version", source_labels: [version.attribute] },
  ];
  return {
    ingestion: {
      rate_limit_bytes: ingestionMiBPerSecond * MIB,
      burst_size_bytes: 2 * ingestionMiBPerSecond * MIB,
    },
    metrics_generator: {
      processors: ["service-graphs", "span-metrics"],
      processor: { span_metrics: { dimension_mappings: dimensions } },
      max_active_series: maxSeries,
    },
  };
}
