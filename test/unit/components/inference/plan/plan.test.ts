import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PROGRAM_SUPPORT } from "../../../../../components/inference/engines/support";
import type { GpuMachine } from "../../../../../components/inference/gpu/types";
import { catalogue, roleDefaults, wellKnownRoles } from "../../../../../components/inference/models/catalogue";
import { planServices } from "../../../../../components/inference/plan";
import { placementsOf, planTable } from "../../../../../components/inference/plan/placements";
import type { GpuPlace } from "../../../../../components/inference/types";
import { InferenceSettings } from "../../../../../stacks/settings/schema/inference";

type Input = Parameters<typeof InferenceSettings.parse>[0];

const nvidia = (name: string, more: Partial<GpuMachine> = {}): GpuMachine => ({
  name,
  pool: "gpu",
  vendor: "nvidia",
  model: "RTX PRO 6000 Blackwell Max-Q",
  architecture: "blackwell",
  driver: "nvidia",
  memoryMiB: 97_119,
  count: 1,
  sharing: { strategy: "time-slicing", slices: 20 },
  device: "nvidia.com/gpu",
  taints: [],
  ...more,
});
const amd = (name: string): GpuMachine =>
  nvidia(name, {
    pool: "gpu-amd",
    vendor: "amd",
    model: "RX 7900 XTX",
    architecture: "rdna3",
    driver: "amdgpu",
    memoryMiB: 24_560,
    sharing: { strategy: "none", slices: 1 },
    device: "amd.com/gpu",
    taints: [{ key: "amd.com/gpu", value: "present", effect: "NoSchedule" }],
  });
const intel = (name: string): GpuMachine =>
  nvidia(name, {
    pool: "gpu-intel",
    vendor: "intel",
    model: "Arc Pro B60",
    architecture: "xe2",
    driver: "xe",
    memoryMiB: 23_000,
    device: "gpu.intel.com/xe",
  });

function plan(services: unknown, machines: GpuMachine[] = [], environment: "dev" | "prod" = "dev") {
  const settings = InferenceSettings.parse({ enabled: true, services } as Input);
  return planServices({ environment, machines, models: catalogue, services: settings.services });
}

const gpuPlace = (place: { kind: string }) => place as GpuPlace;
const one = (services: unknown, machines: GpuMachine[] = []) => plan(services, machines).services[0]!;

describe("the catalogue", () => {
  it("has models that a program can load, and the usual ones of each role", () => {
    for (const [name, model] of Object.entries(catalogue)) {
      expect(model.name).toBe(name);
      for (const program of model.engines) {
        expect(PROGRAM_SUPPORT[program].roles, `${name} ${program}`).toContain(model.role);
        expect(PROGRAM_SUPPORT[program].formats, `${name} ${program}`).toContain(model.format);
      }
      expect(model.diskMiB).toBeGreaterThanOrEqual(model.weightsMiB);
      if (model.role === "chat") expect(model.shape, name).toBeDefined();
      if (model.role === "embedding") expect(model.dimensions, name).toBeGreaterThan(0);
    }
    for (const [role, { models, cpuModels }] of Object.entries(roleDefaults)) {
      for (const name of [...models, ...cpuModels]) expect(catalogue[name]?.role, name).toBe(role);
      expect(catalogue[cpuModels[0]]?.onCpu).toBe(true);
    }
  });
});

describe("without GPUs", () => {
  it("the usual services run small models on CPUs", () => {
    const { services, leftOut, gpus } = plan(undefined);
    expect(
      services.map(({ name, role, model, server, place }) => [name, role, model.name, server, place.kind]),
    ).toEqual([
      ["llm", "chat", "qwen3-1.7b-q8", "llamacpp", "cpu"],
      ["embeddings", "embedding", "bge-small-en-v1.5", "tei", "cpu"],
      ["reranker", "rerank", "bge-reranker-base", "tei", "cpu"],
      ["whisper", "transcription", "whisper-small", "speaches", "cpu"],
      ["tts", "speech", "kokoro-82m", "speaches", "cpu"],
    ]);
    expect(Object.keys(wellKnownRoles)).toEqual(services.map(({ name }) => name));
    expect([leftOut, gpus]).toEqual([[], []]);
    expect(services[0]).toMatchObject({ contextTokens: 4096, concurrency: 1, needMiB: 0, accelerator: "cpu" });
    expect(services[1]?.contextTokens).toBe(512);
  });

  it("what asks for a GPU is left out, and says why", () => {
    const { services, leftOut } = plan({ llm: { accelerator: "gpu" } });
    expect(services).toEqual([]);
    expect(leftOut).toEqual([{ name: "llm", reasons: ["There is no GPU."] }]);
  });

  it("a server takes the small model that it can load", () => {
    expect(one({ llm: { server: "vllm" } })).toMatchObject({ model: { name: "qwen3-0.6b" }, engine: "vllm" });
    expect(one({ tts: { server: "ray" } })).toMatchObject({ model: { name: "xtts-v2" }, engine: "coqui" });
  });

  it("what its server cannot load there is left out", () => {
    expect(plan({ llm: { server: "vllm", cpuModel: "qwen3-1.7b-q8" } }).leftOut).toEqual([
      { name: "llm", reasons: ["The cluster has no GPU, and nothing runs it on CPUs."] },
    ]);
  });

  it("a model and its size may be named", () => {
    expect(
      one({ answers: { role: "chat", accelerator: "cpu", model: "qwen3-4b-q4", cpuCores: 6, memoryGiB: 8 } }),
    ).toMatchObject({ model: { name: "qwen3-4b-q4" }, host: { cpuMillicores: 6000, memoryMiB: 8192 } });
  });

  it("what is switched off is not there", () => {
    expect(plan({ llm: { enabled: false } })).toEqual({ services: [], leftOut: [], gpus: [] });
  });
});

describe("one GPU in slices", () => {
  const shares = { llm: 0.4, embeddings: 0.1, reranker: 0.15, whisper: 0.1, tts: 0.1 };
  const services = Object.fromEntries(Object.entries(shares).map(([name, share]) => [name, { gpu: { share } }]));

  it("is shared by the declared fractions, and pods ask for slices", () => {
    const { services: placed, gpus, leftOut } = plan(services, [nvidia("gpu-1")]);
    expect(leftOut).toEqual([]);
    expect(placed.map(({ name, place }) => [name, gpuPlace(place).share, gpuPlace(place).device.count])).toEqual([
      ["llm", 0.4, 8],
      ["embeddings", 0.1, 2],
      ["reranker", 0.15, 3],
      ["whisper", 0.1, 2],
      ["tts", 0.1, 2],
    ]);
    expect(gpus[0]).toMatchObject({ machine: "gpu-1", gpu: 0, leftShare: 0.15 });
    expect(gpus[0]!.leftMiB).toBe(97_119 - placed.reduce((sum, { needMiB }) => sum + needMiB, 0));
  });

  it("leaves out what does not fit, with one reason for each machine", () => {
    const { leftOut } = plan({ ...services, second: { role: "chat", gpu: { share: 0.8 } } }, [
      nvidia("gpu-1"),
      amd("gpu-2"),
    ]);
    expect(leftOut).toEqual([]);
    const full = plan({ ...services, second: { role: "chat", gpu: { share: 0.3, pool: "gpu" } } }, [
      nvidia("gpu-1"),
      amd("gpu-2"),
    ]);
    expect(full.leftOut).toEqual([
      {
        name: "second",
        reasons: [
          "gpu-1: 0.15 of the GPU is left, and 0.3 is needed.",
          "gpu-2: it is in the pool gpu-amd, not in gpu.",
        ],
      },
    ]);
  });
});

describe("several vendors", () => {
  it("each service goes where its program runs", () => {
    const { services, leftOut } = plan(
      {
        llm: { gpu: { share: 0.9 } },
        chat: { role: "chat", gpu: { vendor: "amd" } },
        local: { role: "chat", server: "llamacpp", gpu: { vendor: "intel", share: 0.8 } },
        whisper: { server: "ray", gpu: { share: 0.1 } },
      },
      [nvidia("gpu-1"), amd("gpu-2"), intel("gpu-3")],
    );
    expect(leftOut).toEqual([]);
    expect(services.map(({ name, engine, place }) => [name, engine, ...gpuPlace(place).machines])).toEqual([
      ["llm", "vllm", "gpu-1"],
      ["chat", "vllm", "gpu-2"],
      ["local", "llamacpp", "gpu-3"],
      ["whisper", "faster-whisper", "gpu-1"],
    ]);
    expect(services[1]!.place).toMatchObject({
      device: { name: "amd.com/gpu", count: 1 },
      tolerations: [{ key: "amd.com/gpu", operator: "Exists", effect: "NoSchedule" }],
    });
    expect(gpuPlace(services[1]!.place).runtimeClass).toBeUndefined();
    expect(gpuPlace(services[0]!.place).runtimeClass).toBe("nvidia");
  });

  it("auto goes to CPUs where no GPU is of a vendor that its program runs on", () => {
    expect(one({ whisper: {} }, [amd("gpu-2")]).place.kind).toBe("cpu");
  });

  it("who names a pool means a GPU", () => {
    expect(plan({ whisper: { gpu: { pool: "gpu-amd" } } }, [amd("gpu-2")]).leftOut).toEqual([
      { name: "whisper", reasons: ["gpu-2: its GPU is of amd, and speaches runs on nvidia."] },
    ]);
  });

  it("weights that a generation does not compute with are refused by name", () => {
    expect(plan({ llm: { accelerator: "gpu", model: "qwen3-8b-fp8" } }, [amd("gpu-2")]).leftOut[0]?.reasons).toEqual([
      "gpu-2: its RX 7900 XTX (rdna3) does not compute with the fp8 weights of qwen3-8b-fp8.",
    ]);
  });
});

describe("Ray", () => {
  it("takes programs of its own, and XTTS to speak", () => {
    const { services } = plan(
      { tts: { server: "ray", gpu: { share: 0.2 } }, embeddings: { server: "ray", gpu: { share: 0.2 } } },
      [nvidia("gpu-1")],
    );
    expect(services.map(({ model, engine, server }) => [model.name, engine, server])).toEqual([
      ["xtts-v2", "coqui", "ray"],
      ["bge-large-en-v1.5", "sentence-transformers", "ray"],
    ]);
  });

  it("does not go to GPUs of others", () => {
    expect(plan({ llm: { server: "ray", accelerator: "gpu" } }, [amd("gpu-2")]).leftOut[0]?.reasons).toEqual([
      "gpu-2: its GPU is of amd, and ray runs on nvidia.",
    ]);
  });
});

describe("replicas", () => {
  it("are on different machines with GPUs of one kind, all or none", () => {
    const ada = nvidia("gpu-0", { model: "RTX 6000 Ada", architecture: "ada", memoryMiB: 48_372 });
    const both = plan({ llm: { replicas: 2 } }, [ada, nvidia("gpu-1"), nvidia("gpu-2")]);
    expect(gpuPlace(both.services[0]!.place).machines).toEqual(["gpu-1", "gpu-2"]);
    const few = plan({ llm: { replicas: 2 }, tts: { gpu: { share: 0.2 } } }, [ada, nvidia("gpu-1")]);
    expect(few.services.map(({ name }) => name)).toEqual(["tts"]);
    expect(few.leftOut[0]?.name).toBe("llm");
  });

  it("of several GPUs ask for as many devices", () => {
    const wide = nvidia("gpu-1", { count: 4, sharing: { strategy: "none", slices: 1 } });
    const { services } = plan({ llm: { model: "llama-3.3-70b", gpu: { count: 2 } } }, [wide]);
    expect(gpuPlace(services[0]!.place)).toMatchObject({ gpus: 2, device: { count: 2 } });
    expect(plan({ embeddings: { accelerator: "gpu", gpu: { count: 2 } } }, [wide]).leftOut).toEqual([]);
    expect(
      plan({ embeddings: { server: "tei", accelerator: "gpu", gpu: { count: 2 } } }, [wide]).leftOut[0]?.reasons,
    ).toEqual(["gpu-1: tei uses one GPU, and 2 are asked for."]);
  });
});

describe("the plan", () => {
  const share = fc.constantFrom(0.05, 0.1, 0.2, 0.3, 0.5);
  const wanted = fc.dictionary(
    fc.stringMatching(/^[a-z]{3,8}$/),
    fc.record({
      role: fc.constantFrom("chat", "embedding", "rerank", "transcription", "speech"),
      gpu: fc.record({ share }),
      replicas: fc.integer({ min: 1, max: 2 }),
    }),
    { maxKeys: 8 },
  );
  const machines = fc
    .array(fc.constantFrom(nvidia, amd, intel), { maxLength: 4 })
    .map((makers) => makers.map((make, index) => make(`gpu-${index}`)));

  it("names each wanted service once, stays within memory and slices, and is the same each time", () => {
    fc.assert(
      fc.property(wanted, machines, (services, all) => {
        const found = plan(services, all);
        expect([...found.services, ...found.leftOut].map(({ name }) => name).sort()).toEqual(
          Object.keys(services).sort(),
        );
        for (const { machine, memoryMiB, services: on, leftShare } of found.gpus) {
          expect(on.reduce((sum, { needMiB }) => sum + needMiB, 0)).toBeLessThanOrEqual(memoryMiB);
          expect(leftShare).toBeGreaterThanOrEqual(0);
          const devices = found.services.flatMap(({ place }) =>
            place.kind === "gpu" && place.machines.includes(machine) ? [place.device.count] : [],
          );
          const { slices } = all.find(({ name }) => name === machine)!.sharing;
          expect(devices.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(slices);
        }
        for (const { place, needMiB, replicas } of found.services) {
          if (place.kind === "cpu") continue;
          expect(needMiB).toBeLessThanOrEqual(place.share * place.gpuMemoryMiB);
          expect(new Set(place.machines).size).toBe(replicas);
        }
        expect(plan(services, all)).toEqual(found);
      }),
      { numRuns: 60 },
    );
  });

  it("does not move larger services for a smaller new one that has room beside them", () => {
    const before = plan({ llm: { gpu: { share: 0.5 } }, reranker: { gpu: { share: 0.3 } } }, [
      nvidia("a"),
      nvidia("b"),
    ]);
    const after = plan(
      { aaa: { role: "speech", gpu: { share: 0.1 } }, llm: { gpu: { share: 0.5 } }, reranker: { gpu: { share: 0.3 } } },
      [nvidia("a"), nvidia("b")],
    );
    const at = (found: typeof before, name: string) =>
      gpuPlace(found.services.find((each) => each.name === name)!.place).machines;
    for (const name of ["llm", "reranker"]) expect(at(after, name)).toEqual(at(before, name));
  });

  it("is told as a table, and kept in few words", () => {
    const found = plan({ llm: { gpu: { share: 0.4 } }, tts: { accelerator: "cpu" } }, [nvidia("gpu-1")]);
    const table = planTable(found);
    expect(table).toMatch(/^llm +qwen3-8b-awq +vllm +gpu-1 +17\.7 GiB, share 0\.4$/m);
    expect(table).toMatch(/^tts +kokoro-82m +speaches +CPUs +0\.5 cores, /m);
    expect(table).toMatch(
      /^gpu-1\/0 +RTX PRO 6000 Blackwell Max-Q +llm +17\.7 GiB of 94\.8 GiB +77\.1 GiB, share 0\.6$/m,
    );
    expect(placementsOf(found)).toMatchObject({
      services: { llm: { machines: ["gpu-1"], share: 0.4, needGiB: 17.7 }, tts: { machines: [], on: "CPUs" } },
      gpus: { "gpu-1/0": { leftShare: 0.6, usedGiB: 17.7 } },
    });
  });
});
