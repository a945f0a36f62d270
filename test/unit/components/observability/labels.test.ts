import { describe, expect, it } from "vitest";
import { TELEMETRY_LABELS } from "../../../../components/kit/telemetry";
import {
  LOKI_INDEX_LABELS,
  LOKI_METADATA,
  labelsIn,
  OTLP_LABELS,
  relabelings,
  spanToLabels,
} from "../../../../components/observability/labels";

describe("the mapping of labels", () => {
  it("has a place in Loki for each, and no label in both", () => {
    expect([...labelsIn("index"), ...labelsIn("metadata")].sort()).toEqual([...TELEMETRY_LABELS].sort());
    expect(LOKI_INDEX_LABELS.filter((label) => LOKI_METADATA.includes(label))).toEqual([]);
  });

  it("makes streams only of what has few values", () => {
    expect(LOKI_INDEX_LABELS).toEqual(["cluster", "namespace", "service", "node"]);
  });

  it("gives targets every label but the cluster, which is Prometheus' own", () => {
    expect(relabelings().map(({ targetLabel }) => targetLabel)).toEqual(["namespace", "service", "version", "pod"]);
    expect(relabelings("shop")).toContainEqual({ targetLabel: "service", replacement: "shop" });
    expect(relabelings()).toContainEqual({
      sourceLabels: ["__meta_kubernetes_pod_label_app_kubernetes_io_instance"],
      targetLabel: "service",
    });
  });

  it("names an attribute for each, once", () => {
    const attributes = Object.values(OTLP_LABELS);
    expect(Object.keys(OTLP_LABELS)).toEqual([...TELEMETRY_LABELS, "node"]);
    expect(new Set(attributes).size).toBe(attributes.length);
    expect(spanToLabels(["service", "pod"])).toEqual([
      { key: "service.name", value: "service" },
      { key: "k8s.pod.name", value: "pod" },
    ]);
  });
});
