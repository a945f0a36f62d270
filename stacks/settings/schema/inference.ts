import { z } from "zod";
import { modelFormats, quantizations } from "../../../components/inference/models/types";
import { programs, roles, servers } from "../../../components/inference/types";
import { ConsumerSettings, console, consumerNamespaces, enabled, host } from "./data/common";
import { doc } from "./doc";
import { GpuVendor } from "./machines";

const ModelSettings = z.strictObject({
  role: doc(z.enum(roles), "What the model does."),
  source: doc(
    z.strictObject({
      repository: doc(z.string(), "Repository on Hugging Face.", { allowed: "owner/name" }),
      revision: doc(z.string(), "Commit of the repository.", {
        allowed: "40 hex digits: a branch would be another model tomorrow",
        replaces: "nothing; the new files are fetched, then the servers restart",
      }),
      files: doc(z.array(z.string()).optional(), "Files to fetch, as globs.", { defaultText: "all" }),
      checksums: doc(z.record(z.string(), z.string()).optional(), "SHA-256 of files, by path.", {
        defaultText: "what the repository says of the commit",
        allowed: "64 hex digits each",
      }),
      gated: doc(z.boolean().default(false), "Fetching needs a token: `huggingFaceTokenSecret`."),
    }),
    "Where it comes from.",
  ),
  format: doc(z.enum(modelFormats), "How the files are made."),
  quantization: doc(z.enum(quantizations).optional(), "How the weights are packed, where that asks for newer GPUs.", {
    defaultText: "as it was trained",
  }),
  licence: doc(z.string(), "Its licence: an SPDX identifier, or a name."),
  diskMiB: doc(z.number().int().positive(), "What is fetched, in MiB."),
  weightsMiB: doc(z.number().int().positive(), "Weights once loaded, in MiB."),
  engines: doc(z.array(z.enum(programs)).min(1), "What can load it, the best first; Ray takes the first of its own."),
  maxContextTokens: doc(z.number().int().positive(), "Longest text that it can take, in tokens."),
  shape: doc(
    z
      .strictObject({
        layers: doc(z.number().int().positive(), "Its layers."),
        kvHeads: doc(z.number().int().positive(), "Heads for keys and values."),
        headDimension: doc(z.number().int().positive(), "Length of a head."),
      })
      .optional(),
    "What the cache of keys and values grows with; from the model's config.json.",
    { defaultText: "no such cache" },
  ),
  dimensions: doc(z.number().int().positive().optional(), "Length of the vectors: embeddings."),
  onCpu: doc(z.boolean().default(false), "Small enough for CPUs."),
});

const Scaling = z.strictObject({
  minReplicas: doc(z.number().int().min(0).default(0), "Fewest replicas. 0: it goes while nobody asks.", {
    allowed: "0 to `replicas`",
  }),
  queueLength: doc(z.number().int().min(1).default(5), "Waiting requests of a replica, above which there is another."),
  idleSeconds: doc(z.number().int().min(60).default(900), "Seconds without a request after which a replica goes.", {
    allowed: "60 and more",
  }),
});

const ModelService = z.strictObject({
  enabled: doc(z.boolean().default(true), "Run it."),
  role: doc(z.enum(roles).optional(), "What it does.", { defaultText: "as its name or its model says" }),
  model: doc(z.string().optional(), "Model on a GPU, by its name in the catalogue or in `models`.", {
    defaultText: "that of the role",
  }),
  cpuModel: doc(z.string().optional(), "Model where the cluster has no GPU.", { defaultText: "that of the role" }),
  server: doc(z.enum(servers).optional(), "What serves it.", { defaultText: "the model's first engine that fits" }),
  accelerator: doc(
    z.enum(["auto", "gpu", "cpu"]).default("auto"),
    "auto: on a GPU where the cluster has one, else a small model on CPUs.",
  ),
  gpu: doc(
    z
      .strictObject({
        share: doc(z.number().positive().optional(), "Part of a GPU's time and memory.", {
          defaultText: "that of the role: chat 0.95, embedding and rerank 0.8, transcription and speech 0.5",
          allowed: "0.01 to 1",
        }),
        count: doc(z.number().int().min(1).max(16).default(1), "GPUs of one machine, each with this share."),
        vendor: doc(GpuVendor.optional(), "Whose GPU.", { defaultText: "any that the program runs on" }),
        pool: doc(z.string().optional(), "Pool of dedicated machines.", { defaultText: "any" }),
      })
      .prefault({}),
    "What it needs of GPUs.",
  ),
  contextTokens: doc(z.number().int().min(128).optional(), "Longest text of a request, answer included, in tokens.", {
    defaultText: "8192 on a GPU, 4096 on CPUs; less where the model takes less",
  }),
  concurrency: doc(z.number().int().min(1).max(1024).optional(), "Requests that a replica works on at one time.", {
    defaultText: "8 on a GPU, 1 on CPUs",
  }),
  replicas: doc(z.number().int().min(1).max(64).default(1), "Most copies, each on a machine of its own."),
  scaling: doc(Scaling.optional(), "Fewer copies while there is less to do.", { defaultText: "always `replicas`" }),
  cpuCores: doc(z.number().positive().max(256).optional(), "Cores of a replica.", {
    defaultText: "as the model needs (docs/inference/models.md)",
  }),
  memoryGiB: doc(z.number().positive().max(4096).optional(), "Memory of a replica, in GiB; not that of GPUs.", {
    defaultText: "as the model needs (docs/inference/models.md)",
  }),
  timeoutSeconds: doc(z.number().int().min(5).max(7200).default(600), "Longest time of an answer, streams included."),
});

const limits = {
  requestsPerMinute: doc(z.number().int().min(1).default(600), "Requests in a minute; over it, 429."),
  tokensPerMinute: doc(z.number().int().min(1).default(200_000), "Tokens read and written in a minute; over it, 429."),
  parallelRequests: doc(z.number().int().min(1).default(16), "Requests at one time; over it, 429."),
};

const ModelConsumer = z.strictObject({
  name: doc(z.string(), "Whose key this is.", { allowed: "lower-case letters, digits and hyphens; unique" }),
  consumer: ConsumerSettings,
  services: doc(z.array(z.string()).min(1), "Services that the key opens.", { allowed: "names of `services`" }),
  ...limits,
});

const Queue = z.strictObject({
  name: doc(z.string(), "Name of the queue.", { allowed: "lower-case letters, digits and hyphens; unique; not root" }),
  weight: doc(z.number().int().min(1).max(65_535).default(1), "Part that it gets where queues compete."),
  reclaimable: doc(z.boolean().default(true), "Whether other queues may take back what it has over its part."),
  gpus: doc(z.number().int().min(0).optional(), "Most GPUs, or slices of shared ones, at one time.", {
    defaultText: "no limit",
  }),
  gpuVendor: doc(GpuVendor.optional(), "Whose GPUs `gpus` counts.", { defaultText: "of all vendors in the cluster" }),
  cpuCores: doc(z.number().positive().optional(), "Most cores at one time.", { defaultText: "no limit" }),
  memoryGiB: doc(z.number().positive().optional(), "Most memory at one time, in GiB.", { defaultText: "no limit" }),
  namespaces: doc(z.array(z.enum(consumerNamespaces)).default([]), "Namespaces whose jobs may use it.", {
    defaultText: "all that have jobs",
  }),
});

export const InferenceSettings = z.strictObject({
  enabled: enabled("models, and the gateway before them"),
  whenNoRoom: doc(
    z.enum(["refuse", "leave-out"]).default("refuse"),
    "A service that fits on no machine: refuse the environment before anything is bought, or go on without it and say so.",
  ),
  models: doc(z.record(z.string(), ModelSettings).default({}), "Models beside those of the catalogue, by name."),
  services: doc(
    z
      .record(z.string(), ModelService)
      .default(() =>
        Object.fromEntries(
          ["llm", "embeddings", "reranker", "whisper", "tts"].map((name) => [name, ModelService.parse({})]),
        ),
      ),
    "Model services, by the name that stands in a request's field `model`.",
    {
      defaultText: "llm, embeddings, reranker, whisper and tts, with the models of their roles",
      allowed: "names of lower-case letters, digits and hyphens",
    },
  ),
  cache: doc(
    z
      .strictObject({
        bucket: doc(
          z.boolean().optional(),
          "Keep models in a bucket: fetched from the internet once, for all machines.",
          {
            defaultText: "true in prod where there are buckets",
          },
        ),
        storageGiB: doc(
          z.number().int().min(1).max(102_400).optional(),
          "Size of each cache's volume, in GiB. Local disks keep to no size: there it only says what is planned for.",
          {
            defaultText: "what its models need, a quarter more, and rounded up to 10 GiB",
            allowed: "at least what the models of each cache need",
            replaces: "the volumes of CPU services, whose models are fetched again",
          },
        ),
        hubEndpoint: doc(
          z.string().default("https://huggingface.co"),
          "Where models are fetched from: Hugging Face, or a mirror that answers as it does.",
          {
            allowed: "an https address, without user and query",
            replaces: "the volumes of CPU services, whose models are fetched again",
          },
        ),
      })
      .prefault({}),
    "Where models are kept.",
  ),
  huggingFaceTokenSecret: doc(z.string().optional(), "Name under `secrets.values` of a token for gated models.", {
    defaultText: "none: gated models are refused",
  }),
  ray: doc(
    z
      .strictObject({
        image: doc(
          z
            .string()
            .regex(
              /^[^\s:@]+(:\d+)?\/\S+(:[\w.-]+|@sha256:[0-9a-f]{64})$/,
              "an image with its registry and a tag or digest",
            )
            .optional(),
          "Own image for all pods of Ray, with the packages of docs/inference/ray.md: then nothing is fetched when they start.",
          {
            defaultText: "Ray's public image; what it lacks comes from PyPI when a pod starts",
            allowed:
              "registry/name:tag or registry/name@sha256:...; Ray and Python of the version in docs/inference/ray.md",
            replaces: "the Ray cluster: nobody answers for its services meanwhile",
          },
        ),
      })
      .prefault({}),
    "The Ray cluster of services with the server `ray`.",
  ),
  gateway: doc(
    z
      .strictObject({
        replicas: doc(z.number().int().min(1).max(9).optional(), "Gateways; several share their counters in Valkey.", {
          defaultText: "2 in prod with Valkey, else 1",
        }),
        host: host("clients outside the cluster reach it, with their keys"),
        console: console("The web page on which people try models, behind sign-in."),
      })
      .prefault({}),
    "The gateway before all models: keys, limits, timeouts, metrics.",
  ),
  consumers: doc(z.array(ModelConsumer).default([]), "Who may use the models, each with a key of its own."),
  batch: doc(
    z
      .strictObject({
        enabled: enabled("Volcano: queues and gang scheduling for jobs that need several GPUs at once"),
        queues: doc(z.array(Queue).default([]), "Queues of jobs."),
      })
      .prefault({}),
    "Batch work on what the services leave.",
  ),
});

export type InferenceSettings = z.output<typeof InferenceSettings>;
export type ModelServiceSettings = z.output<typeof ModelService>;
