import type { GpuVendor } from "../hetzner/machines";
import type { Figures } from "../kit/sizes";
import type { Model } from "./models/types";

/** What computes. */
export type Accelerator = GpuVendor | "cpu";

/** What a model does; decides the API behind which it is found. */
export const roles = ["chat", "embedding", "rerank", "transcription", "speech"] as const;
export type Role = (typeof roles)[number];

/** Programs that load a model and answer for it. */
export const engines = ["vllm", "tei", "llamacpp", "ollama", "speaches"] as const;
export type Engine = (typeof engines)[number];

/** What Ray's own deployments load models with, in Python. */
export const rayPrograms = ["vllm", "sentence-transformers", "faster-whisper", "coqui"] as const;
export type RayProgram = (typeof rayPrograms)[number];

/** What loads a model, whoever runs it. */
export const programs = [...engines, "sentence-transformers", "faster-whisper", "coqui"] as const;
export type Program = (typeof programs)[number];

/** Who runs it: the engine as a plain Deployment, or a system that runs programs of its own. */
export const servers = [...engines, "ray", "kserve"] as const;
export type Server = (typeof servers)[number];

/** A part of a GPU, a whole one or several of one machine; for each replica. */
export interface GpuPlace {
  readonly kind: "gpu";
  readonly vendor: GpuVendor;
  /** Machines on which the plan has put replicas: values of the node label MACHINE_LABEL. One for each replica. */
  readonly machines: readonly string[];
  readonly pool: string;
  /** As its maker calls it, e.g. `RTX PRO 6000 Blackwell Max-Q`. */
  readonly gpuModel: string;
  /** Of the vendor's generations, e.g. `blackwell`: images are built for some of them. */
  readonly architecture: string;
  /** GPUs of one machine. */
  readonly gpus: number;
  /** Part of each GPU's time and memory, more than 0 and at most 1. */
  readonly share: number;
  /** Memory of each whole GPU, in MiB. */
  readonly gpuMemoryMiB: number;
  /** What the pod asks for: the device plugin's name, and how many. Slices, where the GPU is shared. */
  readonly device: { readonly name: string; readonly count: number };
  /** Class with which containers get the driver's libraries. @default - the usual one */
  readonly runtimeClass?: string;
  readonly tolerations: readonly { readonly key: string; readonly operator: string; readonly effect?: string }[];
}

export interface CpuPlace {
  readonly kind: "cpu";
}

export type Place = GpuPlace | CpuPlace;

/** A model service as it will run: everything is decided, nothing is created. */
export interface PlannedService {
  /** Of the settings, and what stands in a request's field `model`: `llm`. */
  readonly name: string;
  readonly role: Role;
  readonly model: Model;
  readonly server: Server;
  /** What loads the model: an engine, with the server `ray` a RayProgram. */
  readonly engine: Program;
  readonly accelerator: Accelerator;
  readonly place: Place;
  /** Most copies; all of them have a place. */
  readonly replicas: number;
  /** @default - always `replicas` */
  readonly scaling?: Scaling;
  /** Longest text of one request, in tokens, answer included. */
  readonly contextTokens: number;
  /** Requests that one replica works on at a time. */
  readonly concurrency: number;
  /** GPU memory that it needs for that, in MiB, on each of its GPUs; 0 on a CPU. */
  readonly needMiB: number;
  /** CPU and memory of the machine, of one replica. */
  readonly host: Figures;
  /** Longest time of a whole answer, streams included, in seconds. */
  readonly timeoutSeconds: number;
}

/** The engine of a service that a plain Deployment or KServe runs: the plan gives those no other program. */
export function plainEngine({ name, engine }: Pick<PlannedService, "name" | "engine">): Engine {
  const found = engines.find((known) => known === engine);
  if (found === undefined) throw new Error(`${name}: ${engine} runs in Ray only.`);
  return found;
}

export interface Scaling {
  /** 0: it goes when nobody asks for `idleSeconds`, and its place stays reserved. */
  readonly minReplicas: number;
  /** Requests that wait for one replica, above which there is another one. */
  readonly queueLength: number;
  readonly idleSeconds: number;
}

/** Node label with the name of a dedicated machine in the settings: `gpu-1`. Plans speak of machines, not of pools. */
export const MACHINE_LABEL = "orrery.dev/machine";

/** Namespace of everything that serves models. */
export const MODEL_NAMESPACE = "ai-ml";
