import { beforeAll, describe, expect, it } from "vitest";
import { engineContainer } from "../../components/inference/engines";
import { runsOn } from "../../components/inference/engines/support";
import { gpuModels } from "../../components/inference/gpu/table";
import { catalogue } from "../../components/inference/models/catalogue";
import { vllmSource as metricsSource } from "../../components/observability/sources/inference";
import { files, gpuPlace, modelOf, onCpu, planned } from "../unit/components/inference/engines/services";
import { pythonMissing } from "./programs/python";
import { type ParsedArguments, parseVllmArguments, vllmSource } from "./programs/vllm";

const missing = pythonMissing();
const name = `vLLM's own parser, of the images' version${missing === undefined ? "" : ` (skipped: ${missing})`}`;

const places = [
  ...Object.values(gpuModels)
    .filter(({ vendor, architecture }) => runsOn("vllm", vendor, architecture))
    .flatMap(({ name: gpu }) => [gpuPlace(gpu), gpuPlace(gpu, { gpus: 2, share: 1 })]),
  onCpu,
];
const models = Object.values(catalogue).filter(({ engines }) => engines.includes("vllm"));
const services = models.flatMap((model) => places.map((place) => planned("vllm", model, place)));

describe.skipIf(missing !== undefined)(name, () => {
  let parsed: readonly ParsedArguments[];

  beforeAll(async () => {
    parsed = await parseVllmArguments([
      ...services.map((service) => engineContainer(service, files).args),
      ["/models/m", "--served-name=llm"],
      ["/models/m", "--runner=embed"],
      ["/models/m", "--max-num-seqs=many"],
    ]);
  }, 300_000);

  it("takes the command line of every model of the catalogue, wherever it runs", () => {
    expect(services.length).toBeGreaterThan(20);
    const refused = services.flatMap(({ model }, index) => {
      const { error } = parsed[index]!;
      return error === undefined ? [] : [`${model.name}: ${error}`];
    });
    expect(refused).toEqual([]);
  });

  it("understands each argument as it is meant", () => {
    const index = services.findIndex(({ model, place }) => {
      return model === modelOf("qwen3-8b") && place.kind === "gpu" && place.gpus === 2 && place.vendor === "amd";
    });
    expect(parsed[index]!.values).toMatchObject({
      model_tag: files.directory,
      served_model_name: ["llm"],
      host: "0.0.0.0",
      port: 8000,
      runner: "generate",
      max_model_len: 4096,
      max_num_seqs: 4,
      gpu_memory_utilization: 0.97,
      tensor_parallel_size: 2,
      distributed_executor_backend: "mp",
      enable_log_requests: false,
      disable_uvicorn_access_log: true,
    });
  });

  it("refuses what it does not know, so that the above says something", () => {
    expect(parsed.slice(services.length).map(({ error }) => error)).toEqual([
      expect.stringContaining("--served-name"),
      expect.stringContaining("invalid choice: 'embed'"),
      expect.stringContaining("invalid int value"),
    ]);
  });

  it("reads the variables that its container gets", async () => {
    const environment = services.flatMap((service) => Object.keys(engineContainer(service, files).environment));
    const own = [...new Set(environment)].filter((variable) => variable.startsWith("VLLM_"));
    const known = await vllmSource("vllm/envs.py");
    expect(own.length).toBeGreaterThan(4);
    expect(own.filter((variable) => !known.includes(`"${variable}": lambda`))).toEqual([]);
  });

  it("writes the metrics that dashboards and scaling ask for", async () => {
    const written = await vllmSource("vllm/v1/metrics/loggers.py");
    const names = metricsSource.metrics.map((metric) => metric.replace(/_(total|bucket|sum|count)$/, ""));
    const asked = /vllm:\w+/.exec(engineContainer(services[0]!, files).waiting!(""))![0];
    expect([...names, asked].filter((metric) => !written.includes(`"${metric}"`))).toEqual([]);
  });
});
