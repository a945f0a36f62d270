import { TELEMETRY_LABELS } from "../kit/telemetry";

export type TelemetryLabel = (typeof TELEMETRY_LABELS)[number];

/** What one label is called, and where it comes from, in metrics, logs and traces. */
export interface LabelMapping {
  /** OpenTelemetry's name for it: an attribute of the resource, in traces and in whatever comes over OTLP. */
  readonly attribute: string;
  /**
   * In Loki: an index label makes streams, so only what has few values is one; structured metadata is kept with each
   * line, and can be asked for all the same.
   */
  readonly loki: "index" | "metadata";
  /**
   * What Prometheus knows about a pod that it found: one of its `__meta_` labels.
   * @default - it is no label of a target: Prometheus adds it to everything as an external label
   */
  readonly discovered?: string;
}

/** The one table: by these labels a metric leads to its logs and traces, and back. */
export const LABELS: Readonly<Record<TelemetryLabel, LabelMapping>> = {
  cluster: { attribute: "k8s.cluster.name", loki: "index" },
  namespace: { attribute: "k8s.namespace.name", loki: "index", discovered: "__meta_kubernetes_namespace" },
  service: {
    attribute: "service.name",
    loki: "index",
    discovered: "__meta_kubernetes_pod_label_app_kubernetes_io_instance",
  },
  version: {
    attribute: "service.version",
    loki: "metadata",
    discovered: "__meta_kubernetes_pod_label_app_kubernetes_io_version",
  },
  pod: { attribute: "k8s.pod.name", loki: "metadata", discovered: "__meta_kubernetes_pod_name" },
};

/** Namespaces, in logs and metrics, of what runs in no namespace of the cluster. */
export const OUTSIDE_NAMESPACES = {
  /** The nodes' own kernel and services: `service` is the unit, `node` the node. */
  nodes: "nodes",
  /** Machines outside the cluster: `service` is the unit, `node` the machine. */
  hosts: "hosts",
} as const;

/** One more index label of Loki, of logs that are not a pod's: which node or machine. */
export const NODE_LABEL = { label: "node", attribute: "k8s.node.name" } as const;

/**
 * What is known of a single line, as structured metadata: never index labels, because they multiply the streams.
 * `container` is the pod's container; the others are what the line says about itself.
 */
export const LOG_FIELDS = ["level", "trace_id", "span_id", "container"] as const;

/** Labels by which Loki keeps streams. */
export const LOKI_INDEX_LABELS: readonly string[] = [...labelsIn("index"), NODE_LABEL.label];

/** What Loki keeps with each line. */
export const LOKI_METADATA: readonly string[] = [...labelsIn("metadata"), ...LOG_FIELDS];

/** Our labels that Loki keeps as an index label, or as structured metadata. */
export function labelsIn(place: LabelMapping["loki"]): TelemetryLabel[] {
  return TELEMETRY_LABELS.filter((label) => LABELS[label].loki === place);
}

/**
 * Label -> attribute of the resource. Loki names what comes over OTLP after the attributes, so whoever sends it there
 * copies these under our names first, and keeps the originals out.
 */
export const OTLP_LABELS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(TELEMETRY_LABELS.map((label) => [label, LABELS[label].attribute])),
  [NODE_LABEL.label]: NODE_LABEL.attribute,
};

/** One relabeling of a PodMonitor or a scrape configuration, as the Prometheus operator spells it. */
export interface Relabeling {
  readonly sourceLabels?: readonly string[];
  readonly targetLabel: string;
  readonly replacement?: string;
}

/**
 * How a target of Prometheus gets our labels. `service` is the instance that was told where it is known: pods that an
 * operator makes bear labels of their own. `cluster` is none of a target: it is an external label.
 */
export function relabelings(service?: string): Relabeling[] {
  return TELEMETRY_LABELS.flatMap((label): Relabeling[] => {
    const { discovered } = LABELS[label];
    if (discovered === undefined) return [];
    if (label === "service" && service !== undefined) return [{ targetLabel: label, replacement: service }];
    return [{ sourceLabels: [discovered], targetLabel: label }];
  });
}

/** From a span to its logs and metrics: attributes of the span's resource, and the labels to ask for. */
export function spanToLabels(labels: readonly TelemetryLabel[]): { key: string; value: string }[] {
  return labels.map((label) => ({ key: LABELS[label].attribute, value: label }));
}
