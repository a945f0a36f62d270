import * as k8s from "@pulumi/kubernetes";
import { describe, expect, it } from "vitest";
import type { ModelCache } from "../../../../../components/inference/cache";
import { PlainModelServer } from "../../../../../components/inference/servers";
import type { PlannedService } from "../../../../../components/inference/types";
import { Namespaces } from "../../../../../components/kit/namespace";
import { consumerOf } from "../../../../../components/kit/service";
import { Telemetry } from "../../../../../components/kit/telemetry";
import { at, type Recorder, record } from "../../recorder";
import { gpuPlace, modelOf, onCpu, planned } from "../engines/services";

const gpu = gpuPlace("RTX PRO 6000 Blackwell Max-Q");
const llm = planned("vllm", modelOf("qwen3-8b"), gpu);
const gguf = modelOf("qwen3-4b-q4");

function fakeCache(): ModelCache {
  return {
    files: (service, machine) => ({
      volume: { name: "models", claim: `model-cache-${machine ?? service.name}`, path: "/models" },
      directory: "/models/m/0a1b",
      ready: new k8s.batch.v1.Job(`fetch-${service.name}-${machine ?? "only"}`, {
        metadata: { name: `fetch-${service.name}-${machine ?? "only"}` },
      }),
    }),
  };
}

/** What is made of the service, and the server as others see it. */
async function serve(service: PlannedService) {
  const telemetry = new Telemetry();
  let server: PlainModelServer | undefined;
  const made = await record(() => {
    const namespaces = new Namespaces({ environment: "dev", telemetry }, {});
    server = new PlainModelServer({ namespaces, service, cache: fakeCache() });
    const name = { software: "litellm", component: "model-gateway", namespace: namespaces.get("ai-ml") };
    const gateway = consumerOf("gateway", name);
    server.open(gateway, server);
    server.open(gateway, server);
  });
  return { made, server: server!, telemetry };
}

const pod = (made: Recorder, name = "llm-predictor") => at(made.one("Deployment", name).inputs, "spec", "template");
const named = (made: Recorder, kind: string) => made.kind(kind).map(({ name }) => name);

describe("a model on a GPU", () => {
  it("is on its machine, past its taints, with the device and the driver's libraries", async () => {
    const { made } = await serve(llm);
    const spec = at(pod(made), "spec");
    const [term] = at(
      spec,
      "affinity",
      "nodeAffinity",
      "requiredDuringSchedulingIgnoredDuringExecution",
      "nodeSelectorTerms",
    ) as unknown[];
    expect(term).toEqual({
      matchExpressions: [{ key: "orrery.dev/machine", operator: "In", values: ["gpu-1"] }],
    });
    expect(at(spec, "tolerations")).toEqual([{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }]);
    expect(at(spec, "runtimeClassName")).toBe("nvidia");
    expect(at(spec, "containers", 0, "resources", "limits")).toEqual({ memory: "4096Mi", "nvidia.com/gpu": "10" });
  });

  it("ends before the next one starts, and has the time that its weights and its image take", async () => {
    const { made } = await serve(llm);
    const deployment = made.one("Deployment", "llm-predictor").inputs;
    expect(at(deployment, "spec", "strategy")).toEqual({ type: "Recreate" });
    const startup = at(pod(made), "spec", "containers", 0, "startupProbe") as { [key: string]: number };
    const seconds = startup["failureThreshold"]! * startup["periodSeconds"]!;
    expect(at(deployment, "spec", "progressDeadlineSeconds")).toBeGreaterThan(seconds);
  });

  it("reads the model, and starts when it is there", async () => {
    const { made } = await serve(llm);
    expect(at(pod(made), "spec", "volumes")).toContainEqual({
      name: "models",
      persistentVolumeClaim: { claimName: "model-cache-llm", readOnly: true },
    });
    const mounts = at(pod(made), "spec", "containers", 0, "volumeMounts");
    expect(mounts).toContainEqual({ name: "models", mountPath: "/models", readOnly: true });
    const service = made.component("orrery:kit:Service", "llm-predictor");
    expect(service.dependencies).toContain(made.one("Job", "fetch-llm-only").urn);
  });

  it("is nobody, on a file system that it cannot change", async () => {
    const { made } = await serve(llm);
    expect(at(pod(made), "spec", "securityContext")).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
    expect(at(pod(made), "spec", "containers", 0, "securityContext")).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
  });
});

describe("what others see of it", () => {
  it("is one Service at port 80, whatever the program's own port is", async () => {
    const { made, server } = await serve(llm);
    expect(at(made.one("Service", "llm-predictor").inputs, "spec", "ports")).toEqual([
      { name: "http", port: 80, targetPort: "http" },
    ]);
    expect(server.backend).toMatchObject({ service: "llm-predictor", port: 80, podPort: 8000 });
    expect(server.servedName).toBe("llm");
  });

  it("is reached by who asks, once, at the pods' port; nothing else goes in or out", async () => {
    const { made } = await serve(llm);
    const own = named(made, "NetworkPolicy").filter((name) => name.includes("gateway"));
    expect(own).toEqual(["gateway-llm-predictor-egress", "gateway-llm-predictor-ingress"]);
    const ingress = made.one("NetworkPolicy", "gateway-to-llm-predictor-http-ingress").inputs;
    expect(at(ingress, "spec", "ingress", 0, "ports")).toEqual([{ port: 8000, protocol: "TCP" }]);
    expect(named(made, "CiliumNetworkPolicy")).toEqual([]);
  });

  it("are its metrics, and how many requests wait", async () => {
    const { server, telemetry } = await serve(llm);
    expect(telemetry.scraped).toMatchObject([
      { identity: { instance: "llm-predictor" }, port: { name: "http", port: 8000 }, path: "/metrics" },
    ]);
    expect(server.waiting).toBe('sum(vllm:num_requests_waiting{namespace="ai-ml",service="llm-predictor"})');
  });

  it("are no metrics where the program has none", async () => {
    const { server, telemetry } = await serve(planned("ollama", gguf, onCpu));
    expect(telemetry.scraped).toEqual([]);
    expect(server.waiting).toBeUndefined();
  });
});

describe("several replicas", () => {
  const spread = { ...llm, replicas: 2, place: { ...gpu, machines: ["gpu-1", "gpu-2"] } };

  it("on GPUs are a Deployment for each machine, with the volume that is there", async () => {
    const { made } = await serve(spread);
    expect(named(made, "Deployment")).toEqual(["llm-predictor-gpu-1", "llm-predictor-gpu-2"]);
    for (const machine of spread.place.machines) {
      const name = `llm-predictor-${machine}`;
      expect(at(made.one("Deployment", name).inputs, "spec", "replicas")).toBe(1);
      expect(JSON.stringify(at(pod(made, name), "spec", "affinity"))).toContain(`"values":["${machine}"]`);
      expect(JSON.stringify(at(pod(made, name), "spec", "volumes"))).toContain(`model-cache-${machine}`);
    }
  });

  it("are behind one Service, which knows the pods of all of them and no others", async () => {
    const { made, server } = await serve(spread);
    const selector = at(made.one("Service", "llm-predictor").inputs, "spec", "selector");
    for (const machine of spread.place.machines) {
      expect(at(pod(made, `llm-predictor-${machine}`), "metadata", "labels")).toMatchObject(selector!);
    }
    expect(selector).toMatchObject({ "orrery.dev/model-service": "llm" });
    expect(server.backend).toMatchObject({ service: "llm-predictor", port: 80, podPort: 8000 });
    const ingress = made.one("NetworkPolicy", "gateway-to-llm-predictor-http-ingress").inputs;
    expect(at(ingress, "spec", "podSelector", "matchLabels")).toEqual(selector);
    expect(at(made.one("PodDisruptionBudget", "llm-predictor").inputs, "spec")).toMatchObject({
      maxUnavailable: 1,
      selector: { matchLabels: selector },
    });
    expect(server.waiting).toContain('service=~"llm-predictor-gpu-1|llm-predictor-gpu-2"');
  });

  it("on CPUs are one Deployment, whose pods are drained one at a time", async () => {
    const { made } = await serve(planned("llamacpp", gguf, onCpu, { replicas: 3 }));
    expect(named(made, "Deployment")).toEqual(["llm-predictor"]);
    const spec = at(made.one("Deployment", "llm-predictor").inputs, "spec");
    expect(spec).toMatchObject({ replicas: 3 });
    expect(at(spec, "strategy")).toBeUndefined();
    expect(at(spec, "template", "spec", "affinity")).toBeUndefined();
    expect(named(made, "PodDisruptionBudget")).toEqual(["llm-predictor"]);
  });
});

describe("scaling", () => {
  const scaling = { minReplicas: 0, queueLength: 5, idleSeconds: 900 };

  it("is somebody else's: the number of pods is left alone", async () => {
    const { made, server } = await serve({ ...llm, scaling });
    expect(made.one("Deployment", "llm-predictor").ignoreChanges).toContain("spec.replicas");
    expect(server.scaleTargets).toEqual([
      { apiVersion: "apps/v1", kind: "Deployment", name: "llm-predictor", replicas: 1 },
    ]);
  });

  it("has a target on each machine", async () => {
    const place = { ...gpu, machines: ["gpu-1", "gpu-2"] };
    const { server } = await serve({ ...llm, replicas: 2, place, scaling });
    expect(server.scaleTargets?.map(({ name, replicas }) => [name, replicas])).toEqual([
      ["llm-predictor-gpu-1", 1],
      ["llm-predictor-gpu-2", 1],
    ]);
  });

  it("is not there where nobody asked for it", async () => {
    const { made, server } = await serve(llm);
    expect(server.scaleTargets).toBeUndefined();
    expect(made.one("Deployment", "llm-predictor").ignoreChanges).not.toContain("spec.replicas");
  });
});
