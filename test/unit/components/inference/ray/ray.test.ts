import * as k8s from "@pulumi/kubernetes";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { ModelServer } from "../../../../../components/inference/model-server";
import { Ray, type RayArgs } from "../../../../../components/inference/ray";
import { programFiles } from "../../../../../components/inference/ray/programs";
import { MACHINE_LABEL } from "../../../../../components/inference/types";
import { definitionCheck } from "../../definitions";
import { consumer, namespaces } from "../../platform/objects/capabilities";
import { at, type Data, type Recorder, record } from "../../recorder";
import { shared } from "../../shared";
import { filesOf, rayService } from "./services";

const services = [
  rayService("whisper", ["gpu-1"]),
  rayService("tts", ["gpu-1"]),
  rayService("llm", ["gpu-2"], { scaling: { minReplicas: 0, queueLength: 5, idleSeconds: 900 } }),
  rayService("vectors", []),
];

function make(more: Partial<RayArgs> = {}, use?: (servers: readonly ModelServer[]) => void): Promise<Recorder> {
  return record(() => {
    const cache = {
      files: (service: (typeof services)[number], machine?: string) => {
        const name = `files-${service.name}-${machine ?? "cpu"}`;
        return { ...filesOf(service, machine), ready: new Stub(name) };
      },
    };
    const args: RayArgs = {
      charts: {},
      namespaces: namespaces("prod"),
      services,
      sharingOf: () => "time-slicing",
      cache,
      ...more,
    };
    const { servers } = new Ray("ray", args);
    use?.(servers);
  });
}

/** Something of the cache that is there when the files are. */
class Stub extends k8s.core.v1.ConfigMap {}

const rayOf = (made: Recorder) => made.one("RayService", "ai-inference");
const specOf = (made: Recorder) => rayOf(made).inputs["spec"] as Data;
const cluster = (made: Recorder, ...path: (string | number)[]) => at(specOf(made), "rayClusterConfig", ...path);
const pod = (made: Recorder, group: number) => cluster(made, "workerGroupSpecs", group, "template", "spec") as Data;
const config = (made: Recorder) => parse(String(specOf(made)["serveConfigV2"])) as { applications: Data[] } & Data;
const application = (made: Recorder, name: string) =>
  config(made).applications.find((each) => at(each, "name") === name) as Data;
const names = (made: Recorder, kind: string) =>
  made.kind(kind).map(({ inputs }) => `${at(inputs, "metadata", "namespace")}/${at(inputs, "metadata", "name")}`);

describe("Ray", () => {
  it("is a RayService that waits for its operator and its models, and is replaced when its cluster changes", async () => {
    const made = await make();
    const ray = rayOf(made);
    expect(at(ray.inputs, "metadata", "annotations")).toEqual({
      "pulumi.com/waitFor": "condition=Ready",
      "pulumi.com/deletionPropagationPolicy": "foreground",
    });
    expect(specOf(made)["upgradeStrategy"]).toEqual({ type: "None" });
    expect(made.component("orrery:inference:Ray", "ray").outputs).toEqual({
      services: ["whisper", "tts", "llm", "vectors"],
    });
    expect(ray.dependencies.filter((urn) => urn.includes("files-"))).toHaveLength(4);
  });

  const definitions: string | undefined = shared(
    "crds/rayservices.ray.io.json",
    "the RayService against its definition",
  );

  it.skipIf(definitions === undefined)(
    "has no field that the definition does not know",
    async () => {
      const check = definitionCheck(String(definitions).replace(/\/[^/]*$/, ""), "rayservices.ray.io");
      for (const more of [{}, { image: "registry.example.com/ray:1" }]) {
        const { inputs } = rayOf(await make(more));
        expect(check(inputs), JSON.stringify(check.errors)).toBe(true);
      }
      // The definition is half a megabyte: it takes seconds to compile.
    },
    120_000,
  );

  it("puts each machine's services into one pod there, with its devices and its claim", async () => {
    const made = await make();
    expect(cluster(made, "workerGroupSpecs", 0)).toMatchObject({
      groupName: "machine-gpu-1",
      replicas: 1,
      minReplicas: 1,
      maxReplicas: 1,
      rayStartParams: { "num-gpus": "1", "num-cpus": "1", resources: `'{"whisper":1,"tts":1}'` },
    });
    const spec = pod(made, 0);
    expect(at(spec, "containers", 0, "resources")).toEqual({
      requests: { cpu: "1500m", memory: "7168Mi" },
      limits: { memory: "7168Mi", "nvidia.com/gpu": "20" },
    });
    expect(spec["runtimeClassName"]).toBe("nvidia");
    expect(spec["tolerations"]).toEqual([{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }]);
    expect(JSON.stringify(spec["affinity"])).toContain(`{"key":"${MACHINE_LABEL}","operator":"In","values":["gpu-1"]}`);
    const claims = (at(spec, "volumes") as Data[]).filter((volume) => "persistentVolumeClaim" in volume);
    expect(claims).toEqual([
      { name: "models", persistentVolumeClaim: { claimName: "model-cache-gpu-1", readOnly: true } },
    ]);
  });

  it("gives services on CPUs pods without GPUs, on any node", async () => {
    const made = await make();
    const spec = pod(made, 2);
    expect(cluster(made, "workerGroupSpecs", 2, "rayStartParams", "num-gpus")).toBe("0");
    expect(Object.keys(at(spec, "containers", 0, "resources", "limits") as Data)).toEqual(["memory"]);
    expect([spec["affinity"], spec["runtimeClassName"], spec["tolerations"]]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("has a head that computes nothing", async () => {
    const head = cluster(await make(), "headGroupSpec");
    expect(at(head, "rayStartParams")).toMatchObject({ "num-cpus": "0", "num-gpus": "0" });
    expect(at(head, "template", "spec", "containers", 0, "ports")).toEqual(
      [
        ["gcs-server", 6379],
        ["dashboard", 8265],
        ["serve", 8000],
        ["metrics", 8080],
      ].map(([name, containerPort]) => ({ name, containerPort, protocol: "TCP" })),
    );
    expect(at(head, "template", "spec", "containers", 0, "resources", "limits")).toEqual({ memory: "4096Mi" });
  });

  it("serves each service below its name, with the plan's share and nothing of a model but its directory", async () => {
    const made = await make();
    expect(config(made)).toMatchObject({
      proxy_location: "EveryNode",
      http_options: { host: "0.0.0.0", port: 8000, request_timeout_s: 60 },
    });
    expect(application(made, "whisper")).toMatchObject({
      route_prefix: "/whisper",
      import_path: "orrery_whisper:build",
      args: { servedName: "whisper", directory: "/models/whisper-model/0a1b", device: "cuda", contextTokens: 512 },
      deployments: [
        {
          num_replicas: 1,
          max_ongoing_requests: 4,
          max_queued_requests: 64,
          ray_actor_options: { num_cpus: 0.5, num_gpus: 0.5, resources: { whisper: 1 } },
        },
      ],
    });
    expect(at(application(made, "vectors"), "args", "device")).toBe("cpu");
    expect(at(application(made, "vectors"), "deployments", 0, "ray_actor_options")).not.toHaveProperty("num_gpus");
    expect(at(application(made, "llm"), "args", "arguments")).toEqual(
      "--max-model-len 512 --max-num-seqs 4 --gpu-memory-utilization 0.95 --tensor-parallel-size 1".split(" "),
    );
  });

  it("scales by what a replica works on and what waits for it", async () => {
    expect(at(application(await make(), "llm"), "deployments", 0, "autoscaling_config")).toMatchObject({
      min_replicas: 0,
      max_replicas: 1,
      target_ongoing_requests: 9,
      downscale_delay_s: 900,
    });
  });

  it("asks for several whole GPUs, because Ray gives parts of one only", async () => {
    const llm = rayService("llm", ["gpu-1"]);
    const two = {
      ...llm,
      place: { ...llm.place, gpus: 2, device: { name: "nvidia.com/gpu", count: 2 } },
    } as typeof llm;
    const made = await make({ services: [two], sharingOf: () => "none" });
    expect(at(application(made, "llm"), "deployments", 0, "ray_actor_options", "num_gpus")).toBe(2);
    expect(cluster(made, "workerGroupSpecs", 0, "rayStartParams", "num-gpus")).toBe("2");
    expect(at(application(made, "llm"), "args", "arguments", 7)).toBe("2");
  });

  it("fetches what the public image lacks, and has a way out for those pods only", async () => {
    const made = await make();
    const packages = (name: string) =>
      at(application(made, name), "deployments", 0, "ray_actor_options", "runtime_env", "pip", "packages");
    expect([packages("whisper"), packages("llm")]).toEqual([["faster-whisper==1.2.1"], undefined]);
    const ways = made.kind("CiliumNetworkPolicy").filter(({ inputs }) => JSON.stringify(inputs).includes('"world"'));
    expect(ways.map(({ inputs }) => at(inputs, "spec", "endpointSelector", "matchLabels", "ray.io/group"))).toEqual([
      "machine-gpu-1",
      "cpu-vectors",
    ]);
  });

  it("fetches nothing with an image of one's own", async () => {
    const made = await make({ image: "registry.example.com/ray:1" });
    expect(String(specOf(made)["serveConfigV2"])).not.toContain("runtime_env");
    expect(JSON.stringify(made.kind("CiliumNetworkPolicy"))).not.toContain('"world"');
    for (const template of [cluster(made, "headGroupSpec"), cluster(made, "workerGroupSpecs", 0)]) {
      expect(at(template, "template", "spec", "containers", 0, "image")).toBe("registry.example.com/ray:1");
    }
  });

  it("is as restricted as everything else, and reads the programs from a ConfigMap that rolls it", async () => {
    const made = await make();
    expect(made.one("ConfigMap", "ai-inference").inputs["data"]).toEqual(programFiles());
    for (const group of [cluster(made, "headGroupSpec"), cluster(made, "workerGroupSpecs", 0)]) {
      expect(at(group, "template", "spec", "securityContext")).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
      expect(at(group, "template", "spec", "containers", 0, "securityContext")).toMatchObject({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
      });
      expect(at(group, "template", "spec", "automountServiceAccountToken")).toBe(false);
      expect(at(group, "template", "metadata", "annotations", "orrery.dev/config-hash")).toMatch(/^[0-9a-f]{16}$/);
    }
  });

  it("opens its own ports to its own pods, and the dashboard and Serve to the operator", async () => {
    const made = await make();
    const made_ = names(made, "NetworkPolicy").filter((name) => !/default-deny|allow-dns/.test(name));
    expect(made_.sort()).toEqual([
      "ai-ml/ai-inference-peers",
      "ai-ml/kuberay-operator-to-ai-inference-dashboard-serve-ingress",
      "kuberay-system/kuberay-operator-to-ai-inference-dashboard-serve-egress",
    ]);
    expect(at(made.one("NetworkPolicy", "ai-inference-peers").inputs, "spec", "ingress", 0, "ports")).toEqual([
      { port: 6379, endPort: 6381, protocol: "TCP" },
      { port: 10_002, endPort: 10_501, protocol: "TCP" },
      { port: 52_365, endPort: 52_367, protocol: "TCP" },
    ]);
  });

  it("is a model server for each service, behind its own Service and path", async () => {
    let servers: readonly ModelServer[] = [];
    const made = await make({}, (all) => {
      servers = all;
      const asker = consumer("gateway");
      for (const server of all) server.open(asker, new Stub("asker"));
    });
    expect(servers.map(({ basePath, servedName, backend }) => [basePath, servedName, backend.service])).toEqual(
      services.map(({ name }) => [`/${name}`, name, `${name}-predictor`]),
    );
    expect(servers[0]!.backend).toMatchObject({ port: 80, podPort: 8000 });
    expect(at(made.one("Service", "whisper-predictor").inputs, "spec")).toEqual({
      type: "ClusterIP",
      selector: {
        "app.kubernetes.io/name": "ray",
        "app.kubernetes.io/instance": "ai-inference",
        "ray.io/serve": "true",
        "orrery.dev/serves-whisper": "true",
      },
      ports: [{ name: "http", port: 80, targetPort: 8000 }],
    });
    const serving = [cluster(made, "headGroupSpec"), ...(cluster(made, "workerGroupSpecs") as unknown as Data[])].map(
      (group) => at(group, "template", "metadata", "labels", "orrery.dev/serves-whisper"),
    );
    expect(serving).toEqual(["true", "true", undefined, undefined]);
    // One way, however many services are behind it.
    expect(names(made, "NetworkPolicy").filter((name) => name.includes("gateway-to-ai-inference"))).toHaveLength(2);
  });
});
