import { imageReference } from "../../kit/images";
import type { Sidecar } from "../../kit/pod";
import { resources } from "../../kit/sizes";
import type { PlannedService } from "../types";
import { httpProbes, OFFLINE, onGpu, TMP, threads, tmp } from "./common";
import { engineImage } from "./images";
import type { EngineDefinition, ModelLocation } from "./types";

const PORT = 8000;

/** Where speaches looks for models: as Hugging Face's own client would have left them. */
const HUB = "/hub";
const HUB_VOLUME = "hub";

/** The image's user: its programs are in that one's home, which others cannot read. */
const USER = { user: 1000, group: 1000 };

/** Whisper and voices. It has no metrics for Prometheus; those of the gateway tell how long answers take. */
export const speaches: EngineDefinition = (service, files) => ({
  image: engineImage("speaches", service),
  // The image's own command: `uvicorn --factory speaches.main:create_app`.
  args: [],
  environment: environment(service),
  port: PORT,
  probes: httpProbes("/health", service),
  scratch: [tmp(1024), { name: HUB_VOLUME, path: HUB, sizeLimitMiB: 16 }],
  initContainers: [linkModel(service, files)],
  runAs: USER,
  // It knows models by their repositories and by no other name.
  servedName: service.model.source.repository,
});

function environment(service: PlannedService): Record<string, string> {
  const gpu = onGpu(service);
  return {
    ...OFFLINE,
    HF_HUB_CACHE: HUB,
    UVICORN_HOST: "0.0.0.0",
    UVICORN_PORT: String(PORT),
    ENABLE_UI: "false",
    LOG_LEVEL: "info",
    // For ever: its place is kept for it anyway. It is loaded by the first request.
    STT_MODEL_TTL: "-1",
    TTS_MODEL_TTL: "-1",
    WHISPER__INFERENCE_DEVICE: gpu ? "cuda" : "cpu",
    WHISPER__COMPUTE_TYPE: gpu ? "float16" : "int8",
    WHISPER__CPU_THREADS: String(threads(service)),
    WHISPER__NUM_WORKERS: String(service.concurrency),
    OMP_NUM_THREADS: String(threads(service)),
    // Kokoro and Piper, by ONNX Runtime.
    ...(gpu ? {} : { UNSTABLE_ORT_OPTS__EXCLUDE_PROVIDERS: '["TensorrtExecutionProvider","CUDAExecutionProvider"]' }),
  };
}

/** Links instead of copies, in the order of directories that Hugging Face's client gives a repository. */
function linkModel(service: PlannedService, { volume, directory }: ModelLocation): Sidecar {
  const { repository, revision = "main" } = service.model.source;
  return {
    name: "link-model",
    image: imageReference(engineImage("speaches", service)),
    command: ["/bin/sh", "-euc", linkScript.join("\n")],
    environment: {
      REPOSITORY: `${HUB}/models--${repository.replaceAll("/", "--")}`,
      REVISION: revision,
      MODEL_FILES: directory,
    },
    resources: resources(50, 64),
    mounts: [
      { volume: volume.name, path: volume.path },
      { volume: HUB_VOLUME, path: HUB, readOnly: false },
      { volume: "tmp", path: TMP, readOnly: false },
    ],
  };
}

const linkScript = [
  'mkdir -p "$REPOSITORY/refs" "$REPOSITORY/snapshots/$REVISION"',
  'printf %s "$REVISION" > "$REPOSITORY/refs/main"',
  // A container that starts once more finds the links of the first one.
  'cp --recursive --symbolic-link --force "$MODEL_FILES/." "$REPOSITORY/snapshots/$REVISION/"',
];
