import type { GpuVendor } from "../../hetzner/machines";
import type { Model } from "../models/types";
import type { Accelerator, Program, Role, Server } from "../types";
import { engines, rayPrograms } from "../types";

/** What a program can load, what it answers for, and what it runs on. */
export interface ProgramSupport {
  readonly roles: readonly Role[];
  readonly formats: readonly Model["format"][];
  /** Generations of each vendor for which there is an image that works. Vendors that are missing: none. */
  readonly gpus: Readonly<Partial<Record<GpuVendor, "all" | readonly string[]>>>;
  readonly cpu: boolean;
  /** Spreads one model over several GPUs of a machine. */
  readonly severalGpus: boolean;
}

/** By program. What is not here is refused with the reason before anything is created. */
export const PROGRAM_SUPPORT: Readonly<Record<Program, ProgramSupport>> = {
  vllm: {
    // Its images lack what reads sound.
    roles: ["chat", "embedding", "rerank"],
    formats: ["safetensors"],
    // Its kernels for Intel are built for the second generation of Xe.
    gpus: { nvidia: "all", amd: "all", intel: ["xe2"] },
    cpu: true,
    severalGpus: true,
  },
  tei: {
    roles: ["embedding", "rerank"],
    formats: ["safetensors", "pytorch", "onnx"],
    gpus: { nvidia: "all" },
    cpu: true,
    severalGpus: false,
  },
  llamacpp: {
    roles: ["chat", "embedding", "rerank"],
    formats: ["gguf"],
    gpus: { nvidia: "all", amd: "all", intel: "all" },
    cpu: true,
    severalGpus: true,
  },
  ollama: {
    roles: ["chat", "embedding"],
    formats: ["gguf"],
    gpus: { nvidia: "all", amd: "all" },
    cpu: true,
    severalGpus: true,
  },
  speaches: {
    roles: ["transcription", "speech"],
    formats: ["ctranslate2", "onnx"],
    gpus: { nvidia: "all" },
    cpu: true,
    severalGpus: false,
  },
  "sentence-transformers": {
    roles: ["embedding", "rerank"],
    formats: ["safetensors", "pytorch"],
    gpus: { nvidia: "all" },
    cpu: true,
    severalGpus: false,
  },
  "faster-whisper": {
    roles: ["transcription"],
    formats: ["ctranslate2"],
    gpus: { nvidia: "all" },
    cpu: true,
    severalGpus: false,
  },
  coqui: { roles: ["speech"], formats: ["pytorch"], gpus: { nvidia: "all" }, cpu: true, severalGpus: false },
};

/** Programs that a server can run; Ray has its own. */
export function programsOf(server: Server | undefined): readonly Program[] {
  switch (server) {
    case undefined:
    case "kserve":
      return engines;
    case "ray":
      return rayPrograms;
    default:
      return [server];
  }
}

/** Vendors whose GPUs a server can ask for; Ray's images are built for NVIDIA's. */
export function serverRunsOn(server: Server | undefined, vendor: GpuVendor): boolean {
  return server !== "ray" || vendor === "nvidia";
}

/** Whether a program works on such hardware at all. */
export function runsOn(program: Program, accelerator: Accelerator, architecture?: string): boolean {
  const { cpu, gpus } = PROGRAM_SUPPORT[program];
  if (accelerator === "cpu") return cpu;
  const generations = gpus[accelerator];
  if (generations === undefined) return false;
  return generations === "all" || architecture === undefined || generations.includes(architecture);
}

/** Vendors on whose GPUs a program runs. */
export function vendorsOf(program: Program): GpuVendor[] {
  return (Object.keys(PROGRAM_SUPPORT[program].gpus) as GpuVendor[]).filter((vendor) => runsOn(program, vendor));
}

/** Whether a program can load the model for its role. */
export function loads(program: Program, { role, format, engines: able }: Model): boolean {
  const { roles, formats } = PROGRAM_SUPPORT[program];
  return able.includes(program) && roles.includes(role) && formats.includes(format);
}
