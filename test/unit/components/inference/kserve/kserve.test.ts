import { describe, expect, it } from "vitest";
import { engineContainer } from "../../../../../components/inference/engines";
import { KServe, KServeServer } from "../../../../../components/inference/kserve";
import { kserveValues } from "../../../../../components/inference/kserve/values";
import type { PlannedService } from "../../../../../components/inference/types";
import type { Consumer } from "../../../../../components/kit/capability";
import { definitionCheck } from "../../definitions";
import { consumer, fakeCertificates, namespaces } from "../../platform/objects/capabilities";
import { at, type Recorded, type Recorder, record } from "../../recorder";
import { shared } from "../../shared";
import { files } from "../engines/services";
import { inferenceService, predictors } from "./predictors";

/** KServe with one service, and somebody who opens it. */
function create(service: PlannedService, opener?: () => Consumer): KServeServer {
  const all = namespaces();
  const { certificates } = fakeCertificates();
  const operator = new KServe({ charts: {}, namespaces: all, certificates });
  const container = engineContainer(service, files);
  const made = { ...files, ready: operator };
  const server = new KServeServer({ namespaces: all, service, container, files: made, operator });
  if (opener !== undefined) {
    const client = opener();
    server.open(client, operator);
    server.open(client, operator);
  }
  return server;
}

const policies = (made: Recorder) =>
  made
    .kind("NetworkPolicy")
    .map(({ inputs }) => `${at(inputs, "metadata", "namespace")}/${at(inputs, "metadata", "name")}`)
    .filter((name) => !name.endsWith("/default-deny") && !name.endsWith("/allow-dns"));

describe("KServe", () => {
  it("installs the definitions, then the operator, both after its paths", async () => {
    const made = await record(() => create(predictors["gpu"]!));
    const [definitions, operator] = ["kserve-crd", "kserve"].map(
      (name) => made.releases().find(({ inputs }) => String(inputs["name"]) === name)!,
    );
    const paths = made.one("CiliumNetworkPolicy", "kserve-api-server");
    expect(inOrder(made, definitions!, paths, operator!)).toBe(true);
    expect(at(paths.inputs, "spec", "ingress", 0, "toPorts", 0, "ports")).toEqual([{ port: "9443", protocol: "TCP" }]);
    expect(at(paths.inputs, "spec", "endpointSelector", "matchLabels")).toEqual({
      "control-plane": "kserve-controller-manager",
    });
  });

  it("uses Deployments, no ingress and no storage initializer, and throttles no model", () => {
    const values = kserveValues();
    expect(at(values, "kserve", "controller", "deploymentMode")).toBe("Standard");
    expect(at(values, "kserve", "controller", "gateway", "disableIngressCreation")).toBe(true);
    expect(at(values, "kserve", "createSharedResources")).toBe(false);
    expect(at(values, "kserve", "storagecontainer", "enabled")).toBe(false);
    expect(at(values, "kserve", "certManager", "enabled")).toBe(true);
    // The chart's own, a tenth of a CPU, stays where nothing is said.
    expect(at(values, "kserve", "controller", "resources", "limits", "cpu")).toBe("1");
    // Else its webhook gives a container without a limit of the CPU one of 1.
    expect(at(values, "kserve", "inferenceservice", "resources", "limits", "cpu")).toBe("");
  });
});

describe("a predictor", () => {
  it("is waited for, and stays where the operator and the files are", async () => {
    const made = await record(() => create(predictors["gpu"]!));
    const service = made.one("InferenceService", "llm");
    expect(at(service.inputs, "metadata", "annotations")).toEqual({
      "serving.kserve.io/deploymentMode": "Standard",
      "serving.kserve.io/autoscalerClass": "none",
      "pulumi.com/waitFor": "condition=Ready",
    });
    const release = made.releases().find(({ inputs }) => String(inputs["name"]) === "kserve")!;
    expect(inOrder(made, release, service)).toBe(true);
    expect(made.one("ServiceAccount", "llm-predictor").inputs["automountServiceAccountToken"]).toBe(false);
  });

  it("lets in who asks, once, at the port of the pod, and nobody else", async () => {
    const made = await record(() => create(predictors["gpu"]!, () => consumer("gateway")));
    const [ingress] = policies(made).filter((name) => name.startsWith("ai-ml/"));
    expect(policies(made)).toHaveLength(2);
    const { inputs } = made.one("NetworkPolicy", ingress!.replace("ai-ml/", ""));
    expect(at(inputs, "spec", "ingress", 0, "ports")).toEqual([{ port: 8000, protocol: "TCP" }]);
    const selected = at(inputs, "spec", "podSelector", "matchLabels") as Record<string, string>;
    expect(at(inferenceServiceOf(made), "spec", "predictor", "labels")).toMatchObject(selected);
  });

  it("says where it answers, what waits, and what can be scaled", async () => {
    const servers: KServeServer[] = [];
    await record(() => void servers.push(create(predictors["scaled"]!)));
    const { backend, waiting, scaleTargets, servedName } = servers[0]!;
    expect(backend).toMatchObject({ service: "llm-predictor", port: 80, podPort: 8000 });
    expect(waiting).toContain('service="llm-predictor"');
    expect(servedName).toBe("llm");
    expect(scaleTargets).toEqual([{ apiVersion: "apps/v1", kind: "Deployment", name: "llm-predictor", replicas: 1 }]);
  });

  it("has the pod of a plain server: where the plan says, restricted, with the model read-only", () => {
    const { predictor } = inferenceService(predictors["gpu"]!).spec;
    const [container] = predictor.containers;
    expect(container!.name).toBe("kserve-container");
    expect(container!.resources.limits["nvidia.com/gpu"]).toBe("10");
    expect(container!.securityContext).toMatchObject({ readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } });
    expect(at(container!, "volumeMounts")).toContainEqual(expect.objectContaining({ name: "models", readOnly: true }));
    expect(predictor).toMatchObject({
      runtimeClassName: "nvidia",
      automountServiceAccountToken: false,
      serviceAccountName: "llm-predictor",
      deploymentStrategy: { type: "Recreate" },
      tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
    });
    const terms = "requiredDuringSchedulingIgnoredDuringExecution";
    expect(at(predictor.affinity, "nodeAffinity", terms, "nodeSelectorTerms", 0, "matchExpressions")).toEqual([
      { key: "orrery.dev/machine", operator: "In", values: ["gpu-1"] },
    ]);
    // KServe blocks this one, and refuses the whole service.
    expect(container!.env.map(({ name }) => name)).not.toContain("PYTHONPATH");
  });

  it("keeps its number without scaling, and leaves it to others with it", () => {
    const fixed = inferenceService(predictors["cpu"]!);
    expect(fixed.spec.predictor).toMatchObject({ minReplicas: 2, maxReplicas: 2 });
    const scaled = inferenceService(predictors["scaled"]!);
    expect(scaled.metadata.annotations["serving.kserve.io/autoscalerClass"]).toBe("external");
    expect(scaled.spec.predictor).toMatchObject({ minReplicas: 0, maxReplicas: 1 });
  });

  const crds = shared("crds", "InferenceServices against KServe's definition");
  it.skipIf(crds === undefined)(
    "is what KServe's definition allows",
    () => {
      const check = definitionCheck(crds!, "inferenceservices.serving.kserve.io");
      for (const [name, service] of Object.entries(predictors)) {
        // Undefined fields are not sent.
        check(JSON.parse(JSON.stringify(inferenceService(service))));
        expect(check.errors ?? [], name).toEqual([]);
      }
      check({ ...inferenceService(predictors["gpu"]!), spec: { predictor: { containers: [{ nome: "x" }] } } });
      expect(check.errors).not.toEqual([]);
    },
    // The definition has a pod's whole schema some thirty times.
    120_000,
  );
});

/** Components wait for others: it shows in the order in which things are registered. */
function inOrder({ resources }: Recorder, ...wanted: readonly Recorded[]): boolean {
  const places = wanted.map((each) => resources.indexOf(each));
  return places.every((place, index) => place >= 0 && (index === 0 || place > places[index - 1]!));
}

function inferenceServiceOf(made: Recorder) {
  return made.one("InferenceService", "llm").inputs;
}
