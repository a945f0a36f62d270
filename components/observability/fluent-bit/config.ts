import { stringify } from "yaml";
import type { ShipperFacts } from "../agents/agent";
import { NODE_LABEL } from "../labels";
import { FIELDS_FUNCTION } from "./fields";
import { CONFIG_FOLDER, METRICS_PORT, STATE } from "./paths";

/** What Loki has not taken yet may take this much of the node's disk; beyond it the oldest goes, and is counted. */
const BUFFER_LIMIT = "512M";

/** Fluent Bit's configuration on every node: the same labels and fields as Alloy's. */
export function fluentBitConfig({ cluster, pushUrl }: ShipperFacts): string {
  return stringify(
    {
      service: {
        flush: 1,
        // Longer than Loki takes to start again: what is read goes out first.
        grace: 30,
        log_level: "warn",
        http_server: "on",
        http_listen: "0.0.0.0",
        http_port: METRICS_PORT,
        health_check: "on",
        "storage.path": `${STATE}/buffer`,
        "storage.max_chunks_up": 32,
        "storage.backlog.mem_limit": "16M",
        "scheduler.cap": 60,
      },
      pipeline: {
        inputs: [pods(), node()],
        filters: [stackTraces(), kubernetes(), fields()],
        outputs: [loki(cluster, new URL(pushUrl))],
      },
    },
    { lineWidth: 0 },
  );
}

function tail(tag: string, path: string, database: string) {
  return {
    name: "tail",
    tag,
    path,
    db: `${STATE}/${database}.db`,
    "db.locking": "true",
    read_from_head: "true",
    refresh_interval: 5,
    rotate_wait: 30,
    "storage.type": "filesystem",
    buffer_max_size: "2M",
    // Without it a file with one such line is never read again; the line is said in its own log.
    skip_long_lines: "on",
  };
}

/** The links that the kubelet makes bear the names of pod and container. */
function pods() {
  return { ...tail("kube.*", "/var/log/containers/*.log", "pods"), "multiline.parser": "cri" };
}

/** Talos keeps what its services and the kernel say in files, one for each. */
function node() {
  return { ...tail("node.*", "/var/log/*.log", "node"), path_key: "filename" };
}

function stackTraces() {
  return {
    name: "multiline",
    match: "kube.*",
    "multiline.key_content": "log",
    "multiline.parser": "java,python,go",
    buffer: "on",
    flush_ms: 1000,
    "emitter_storage.type": "filesystem",
  };
}

function kubernetes() {
  return {
    name: "kubernetes",
    match: "kube.*",
    merge_log: "on",
    // Beside the line, which stays as it is.
    merge_log_key: "parsed",
    keep_log: "on",
    labels: "on",
    annotations: "off",
    buffer_size: 0,
    kube_meta_cache_ttl: 300,
    // No pod decides by an annotation that nobody sees its logs.
    "k8s-logging.exclude": "off",
    "k8s-logging.parser": "off",
  };
}

/** Labels and fields, in Lua: both kinds of logs leave it in the same form. */
function fields() {
  return {
    name: "lua",
    match: "*",
    script: `${CONFIG_FOLDER}/fields.lua`,
    call: FIELDS_FUNCTION,
    time_as_table: "true",
  };
}

function loki(cluster: string, { hostname, port, pathname }: URL) {
  return {
    name: "loki",
    match: "*",
    host: hostname,
    port: Number(port),
    uri: pathname,
    // A key that a record does not have makes no label.
    labels: `cluster=${cluster}, namespace=$namespace, service=$service, ${NODE_LABEL.label}=$${NODE_LABEL.label}`,
    structured_metadata_map_keys: "$metadata",
    remove_keys: `namespace, service, ${NODE_LABEL.label}, metadata`,
    // Only the line is left: it is sent as it was written.
    drop_single_key: "raw",
    line_format: "json",
    compress: "gzip",
    retry_limit: "no_limits",
    "storage.total_limit_size": BUFFER_LIMIT,
  };
}
