import { SERVICE_LABELS } from "../agents/fields";
import { LABELS, NODE_LABEL, OUTSIDE_NAMESPACES } from "../labels";
import { fieldStages, multilineStage, stage } from "./stages";
import { attributes, type Block, block, concatenated, environment, reference, render } from "./syntax";

/** Variable with the node's name; the chart sets it. */
const NODE = environment("K8S_NODE_NAME");

export interface AgentFacts {
  readonly cluster: string;
  /** Loki's push API. */
  readonly pushUrl: string;
  /** Where the node's logs are mounted. @default /var/log */
  readonly logs?: string;
}

/** Alloy's configuration on every node: logs of its pods, and of the node itself. */
export function agentConfig({ logs = "/var/log", ...facts }: AgentFacts): string {
  return render([
    block("logging", undefined, [attributes({ level: "warn", format: "json" })]),
    ...podLogs(logs),
    ...nodeLogs(logs),
    block("loki.process", "fields", [
      attributes({ forward_to: [reference("loki.write.loki.receiver")] }),
      ...fieldStages(),
    ]),
    write(facts),
  ]);
}

function podLogs(logs: string): Block[] {
  return [
    block("discovery.kubernetes", "pods", [
      attributes({ role: "pod" }),
      // Only this node's: every agent would watch all pods of the cluster otherwise.
      block("selectors", undefined, [attributes({ role: "pod", field: concatenated("spec.nodeName=", NODE) })]),
    ]),
    block("discovery.relabel", "pods", [
      attributes({ targets: reference("discovery.kubernetes.pods.targets") }),
      ...podLabels(),
      ...podPaths(logs),
    ]),
    block("loki.source.file", "pods", [
      attributes({
        targets: reference("discovery.relabel.pods.output"),
        forward_to: [reference("loki.process.pods.receiver")],
      }),
      block("file_match", undefined, [attributes({ enabled: true })]),
    ]),
    block("loki.process", "pods", [
      attributes({ forward_to: [reference("loki.process.fields.receiver")] }),
      stage("cri"),
      multilineStage(),
    ]),
  ];
}

function podLabels(): Block[] {
  return [
    rule({ source_labels: [LABELS.namespace.discovered!], target_label: "namespace" }),
    // A ReplicaSet's hash and a CronJob's time are no part of the name.
    rule({
      source_labels: ["__meta_kubernetes_pod_controller_name"],
      regex: "(.+?)(?:-[0-9a-f]{8,10}|-[0-9]{8,})?",
      target_label: "service",
    }),
    rule({
      source_labels: ["service", LABELS.pod.discovered!],
      separator: ";",
      regex: ";(.+)",
      target_label: "service",
    }),
    ...SERVICE_LABELS.map((name) =>
      rule({
        source_labels: [`__meta_kubernetes_pod_label_${name.replace(/\W/g, "_")}`],
        regex: "(.+)",
        target_label: "service",
      }),
    ),
    rule({ source_labels: [LABELS.version.discovered!], target_label: "version" }),
    rule({ source_labels: [LABELS.pod.discovered!], target_label: "pod" }),
    rule({ source_labels: ["__meta_kubernetes_pod_container_name"], target_label: "container" }),
  ];
}

/** The kubelet names the folder of a pod after its id, and that of a static pod after the hash of its manifest. */
function podPaths(logs: string): Block[] {
  const hash = "kubernetes_pod_annotation_kubernetes_io_config_hash";
  const container = "__meta_kubernetes_pod_container_name";
  const path = { separator: "/", target_label: "__path__", replacement: `${logs}/pods/*$1/*.log` };
  return [
    rule({ ...path, source_labels: ["__meta_kubernetes_pod_uid", container], regex: "(.+)" }),
    rule({ ...path, source_labels: [`__meta_${hash}`, container], regex: "([0-9a-f]+/.+)" }),
  ];
}

function rule(values: Parameters<typeof attributes>[0]): Block {
  return block("rule", undefined, [attributes(values)]);
}

/** A time at the beginning of a line, as the kernel's log, etcd and containerd write it. */
const EARLY_TIME = "^.{0,40}?(?P<at>\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:\\d\\d))";

/** Talos keeps what its services and the kernel say in files, one for each. */
function nodeLogs(logs: string): Block[] {
  const target = { __path__: `${logs}/*.log`, namespace: OUTSIDE_NAMESPACES.nodes, [NODE_LABEL.label]: NODE };
  return [
    block("loki.source.file", "node", [
      attributes({ targets: [target], forward_to: [reference("loki.process.node.receiver")] }),
      block("file_match", undefined, [attributes({ enabled: true })]),
    ]),
    block("loki.process", "node", [
      attributes({ forward_to: [reference("loki.process.fields.receiver")] }),
      stage("regex", { source: "filename", expression: "/(?P<service>[^/]+)\\.log$" }),
      stage("labels", { values: { service: "" } }),
      multilineStage(),
      stage("regex", { expression: EARLY_TIME }),
      stage("timestamp", { source: "at", format: "RFC3339Nano", action_on_failure: "skip" }),
    ]),
  ];
}

/**
 * While Loki does not take logs, the agent tries again and reads on only when it did: the files wait, and lose nothing
 * before the kubelet rotates them. After an hour a batch is given up, and counted: Loki may refuse it for ever.
 */
function write({ cluster, pushUrl }: Pick<AgentFacts, "cluster" | "pushUrl">): Block {
  return block("loki.write", "loki", [
    attributes({ external_labels: { cluster } }),
    block("endpoint", undefined, [attributes({ url: pushUrl, max_backoff_retries: 20, remote_timeout: "30s" })]),
  ]);
}
