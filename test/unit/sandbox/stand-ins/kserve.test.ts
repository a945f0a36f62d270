import type { V1Deployment, V1Service } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { kserve as shape } from "../../../../sandbox/charts/shapes/kserve";
import { desired, kserve } from "../../../../sandbox/stand-ins/operators/kserve";
import type { InferenceService } from "../../../../sandbox/stand-ins/operators/kserve/types";
import { inferenceService, predictors } from "../../components/inference/kserve/predictors";
import { at } from "../../components/recorder";
import { observing } from "./observed";

const service = (name: string): InferenceService => {
  const { metadata, ...rest } = JSON.parse(JSON.stringify(inferenceService(predictors[name]!)));
  return { ...rest, metadata: { ...metadata, uid: "1", labels: { "orrery.dev/domain": "ai-ml" } } };
};
const made = (of: InferenceService) => (desired(of, observing([])).objects ?? []) as [V1Deployment, V1Service];
const conditions = (of: InferenceService, deployments: V1Deployment[] = []) => {
  const { status } = desired(of, observing(deployments));
  const all = status!["conditions"] as { type: string; status: string }[];
  return Object.fromEntries(all.map(({ type, status }) => [type, status]));
};
const available = (status: string): V1Deployment => ({
  kind: "Deployment",
  metadata: { namespace: "ai-ml", name: "llm-predictor", generation: 2 },
  status: { observedGeneration: 2, conditions: [{ type: "Available", status }] },
});

describe("KServe's stand-in", () => {
  it("runs the operator's image of the chart", () => {
    expect(kserve.image.test("kserve/kserve-controller:v0.20.0")).toBe(true);
    expect(shape.workloads[0]!.containers[0]!.image).toContain(".Values.kserve.controller.image");
  });

  it("makes a Deployment and a Service with KServe's labels over ours, which leads to the container", () => {
    const [deployment, front] = made(service("gpu"));
    expect(deployment.metadata).toMatchObject({ name: "llm-predictor", ownerReferences: [{ uid: "1" }] });
    const labels = deployment.spec!.template.metadata!.labels;
    expect(labels).toMatchObject({
      app: "isvc.llm-predictor",
      component: "predictor",
      "serving.kserve.io/inferenceservice": "llm",
      "app.kubernetes.io/instance": "llm-predictor",
      "orrery.dev/domain": "ai-ml",
    });
    expect(deployment.spec!.selector.matchLabels).toEqual({ app: "isvc.llm-predictor" });
    expect(front.spec).toMatchObject({
      selector: { app: "isvc.llm-predictor" },
      ports: [{ name: "http", port: 80, targetPort: 8000 }],
    });
    const [container] = deployment.spec!.template.spec!.containers;
    expect(container!.env).toContainEqual({ name: "INFERENCE_SERVICE_NAME", value: "llm" });
    expect(deployment.spec!.strategy).toEqual({ type: "Recreate" });
  });

  it("sets the number of pods only where nobody else does", () => {
    expect(made(service("cpu"))[0].spec!.replicas).toBe(2);
    expect(at(made(service("scaled"))[0], "spec", "replicas")).toBeUndefined();
  });

  it("is ready when the Deployment is available, and says why not", () => {
    expect(conditions(service("gpu"))).toMatchObject({ Ready: "False", PredictorReady: "False", IngressReady: "True" });
    expect(conditions(service("gpu"), [available("True")])).toMatchObject({ Ready: "True", PredictorReady: "True" });
    expect(conditions(service("gpu"), [available("False")])).toMatchObject({ Ready: "False" });
    const old = { ...available("True"), metadata: { ...available("True").metadata, generation: 3 } };
    expect(conditions(service("gpu"), [old])).toMatchObject({ Ready: "False" });
  });

  it("knows no predictor without a container of one's own", () => {
    const model = { ...service("gpu"), spec: { predictor: { containers: [], model: {} } } };
    expect(desired(model, observing([])).objects).toBeUndefined();
    expect(conditions(model)).toMatchObject({ Ready: "False" });
  });
});
