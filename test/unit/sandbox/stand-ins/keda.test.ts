import type { KubernetesObject, V2HorizontalPodAutoscaler } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { scaledObjectSpec } from "../../../../components/inference/scaling/spec";
import { desired, keda } from "../../../../sandbox/stand-ins/operators/keda";
import { answer, externalMetrics } from "../../../../sandbox/stand-ins/operators/keda/external-metrics";
import { modelOf, onCpu, planned } from "../../components/inference/engines/services";
import { observing } from "./observed";

const scaling = { minReplicas: 0, queueLength: 5, idleSeconds: 900 };
const target = { apiVersion: "apps/v1", kind: "Deployment", name: "llm-predictor", replicas: 3 };
const scaled = {
  apiVersion: "keda.sh/v1alpha1",
  kind: "ScaledObject",
  metadata: { name: "llm-predictor", namespace: "ai-ml", uid: "1" },
  spec: scaledObjectSpec(
    { service: planned("llamacpp", modelOf("qwen3-1.7b-q8"), onCpu, { scaling }), waiting: "sum(queue)" },
    { target, before: 0, minReplicas: 0 },
    { prometheusUrl: "http://prometheus:9090", scrapeIntervalSeconds: 30, requests: () => "asked_total" },
  ),
};
const deployment: KubernetesObject = {
  kind: "Deployment",
  metadata: { name: "llm-predictor", namespace: "ai-ml" },
};
const ready = (objects: KubernetesObject[]) =>
  (desired(scaled, observing(objects)).status!["conditions"] as { type: string; status: string }[]).find(
    ({ type }) => type === "Ready",
  )!.status;

describe("KEDA's stand-in", () => {
  it("acts while the operator runs, and answers for its metrics server", () => {
    expect(keda.image.test("ghcr.io/kedacore/keda:2.20.2")).toBe(true);
    expect(keda.image.test("ghcr.io/kedacore/keda-metrics-apiserver:2.20.2")).toBe(false);
    expect(externalMetrics.image.test("ghcr.io/kedacore/keda-metrics-apiserver:2.20.2")).toBe(true);
  });

  it("makes an HPA from one to the most, by all triggers", () => {
    const [hpa] = desired(scaled, observing([deployment])).objects as V2HorizontalPodAutoscaler[];
    expect(hpa!.metadata).toMatchObject({ name: "keda-hpa-llm-predictor", ownerReferences: [{ uid: "1" }] });
    expect(hpa!.spec).toMatchObject({
      minReplicas: 1,
      maxReplicas: 3,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "llm-predictor" },
    });
    const metrics = hpa!.spec!.metrics!.map(({ external }) => [external!.metric.name, external!.target.averageValue]);
    expect(metrics).toEqual([
      ["s0-prometheus", "5"],
      ["s1-prometheus", "1"],
    ]);
  });

  it("is ready when there is something to scale", () => {
    expect(ready([deployment])).toBe("True");
    expect(ready([])).toBe("False");
    expect(desired(scaled, observing([])).objects).toBeUndefined();
  });

  it("tells the API server its kind, and no value", () => {
    const root = "https://x/apis/external.metrics.k8s.io/v1beta1";
    expect(answer(new URL(root))).toMatchObject({ status: 200, body: { kind: "APIResourceList" } });
    expect(answer(new URL(`${root}/namespaces/ai-ml/s0-prometheus`))).toMatchObject({ status: 404 });
  });
});
