import { describe, expect, it } from "vitest";
import { RAY_OVERHEAD, type SharingOf, workerGroups } from "../../../../../components/inference/ray/groups";
import { MACHINE_LABEL, type PlannedService } from "../../../../../components/inference/types";
import { parseSettings } from "../../../../../stacks/settings";
import { planInference } from "../../../../../stacks/settings/inference";
import { issueSettings } from "./issue";
import { rayService } from "./services";

const sliced: SharingOf = () => "time-slicing";
const summary = (services: readonly PlannedService[], sharing: SharingOf) =>
  workerGroups(services, sharing).map(({ name, services: inIt, device, gpus, replicas }) => ({
    name,
    services: inIt.map((each) => each.name),
    devices: device?.count ?? 0,
    gpus,
    replicas,
  }));

describe("groups of workers", () => {
  it("are one for each machine, with all that runs there", () => {
    const services = [rayService("whisper", ["a"]), rayService("llm", ["b"]), rayService("tts", ["a"])];
    expect(summary(services, sliced)).toEqual([
      { name: "machine-a", services: ["whisper", "tts"], devices: 20, gpus: 1, replicas: 1 },
      { name: "machine-b", services: ["llm"], devices: 19, gpus: 1, replicas: 1 },
    ]);
    const [first] = workerGroups(services, sliced);
    expect(first).toMatchObject({
      machine: "a",
      nodes: { [MACHINE_LABEL]: ["a"] },
      runtimeClass: "nvidia",
      tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
      host: { cpuMillicores: RAY_OVERHEAD.cpuMillicores + 1000, memoryMiB: RAY_OVERHEAD.memoryMiB + 4096 },
    });
  });

  it("have a replica on each machine of a service", () => {
    expect(summary([rayService("llm", ["a", "b"])], sliced).map(({ name, devices }) => [name, devices])).toEqual([
      ["machine-a", 19],
      ["machine-b", 19],
    ]);
  });

  it("have whole GPUs where they are not shared", () => {
    const whole = (name: string) => {
      const service = rayService(name, ["a"]);
      return {
        ...service,
        place: { ...service.place, device: { name: "nvidia.com/gpu", count: 1 } },
      } as PlannedService;
    };
    expect(summary([whole("llm"), whole("embeddings")], () => "none")).toEqual([
      { name: "machine-a", services: ["llm", "embeddings"], devices: 2, gpus: 2, replicas: 1 },
    ]);
  });

  it("are one for each service where a pod gets exactly one part of a GPU", () => {
    const part = (name: string) => {
      const service = rayService(name, ["a"]);
      return {
        ...service,
        place: { ...service.place, device: { name: "nvidia.com/gpu", count: 1 } },
      } as PlannedService;
    };
    expect(summary([part("whisper"), part("tts")], () => "mps")).toEqual([
      { name: "machine-a-whisper", services: ["whisper"], devices: 1, gpus: 1, replicas: 1 },
      { name: "machine-a-tts", services: ["tts"], devices: 1, gpus: 1, replicas: 1 },
    ]);
  });

  it("are one for each service on CPUs, because each has a volume of its own", () => {
    const services = [rayService("vectors", [], { replicas: 2 }), rayService("reranker", [])];
    expect(summary(services, sliced)).toEqual([
      { name: "cpu-vectors", services: ["vectors"], devices: 0, gpus: 0, replicas: 2 },
      { name: "cpu-reranker", services: ["reranker"], devices: 0, gpus: 0, replicas: 1 },
    ]);
    expect(workerGroups(services, sliced)[0]).not.toHaveProperty("nodes");
  });
});

describe("whisper .5, tts .5, llm .95, embeddings .8 and reranker .8 over four GEX131", () => {
  it("fill four machines, with the two halves on one GPU", () => {
    const settings = parseSettings(issueSettings);
    const { services, leftOut } = planInference(settings);
    expect(leftOut).toEqual([]);
    const groups = summary(services, sliced);
    expect(groups.map(({ services: inIt }) => [...inIt].sort().join("+")).sort()).toEqual([
      "embeddings",
      "llm",
      "reranker",
      "tts+whisper",
    ]);
    expect(groups.map(({ devices }) => devices).sort()).toEqual([16, 16, 19, 20]);
    expect(groups.every(({ gpus }) => gpus === 1)).toBe(true);
  });

  it("have no room on three", () => {
    const three = { ...issueSettings, dedicated: issueSettings.dedicated.slice(1) };
    expect(() => parseSettings(three)).toThrow(/fits on no machine\..* a share of 0\.8\./);
  });
});
