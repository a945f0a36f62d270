import { imageReference } from "../../kit/images";
import type { Sidecar } from "../../kit/pod";
import { resources } from "../../kit/sizes";
import type { PlannedService } from "../types";
import { httpProbes, OFFLINE, TMP, tmp } from "./common";
import { ggufPath } from "./gguf";
import { engineImage } from "./images";
import type { EngineDefinition, ModelLocation } from "./types";

const PORT = 11434;
const STORE = "/ollama";
const STORE_VOLUME = "store";

/** Beside the copy of the model: its description, and what is written while it is made. */
const STORE_MORE_MIB = 256;

/**
 * Ollama loads models from a store of its own only, in which a file is named by its checksum. Its own way in is
 * `ollama create`, which copies: before each start, into a directory that dies with the pod. So the model is on the disk
 * twice, and a start waits for the copy; llama.cpp, which loads the file where it is, needs neither.
 */
export const ollama: EngineDefinition = (service, files) => ({
  image: engineImage("ollama", service),
  args: ["serve"],
  environment: environment(service),
  port: PORT,
  probes: httpProbes("/api/version", service),
  scratch: [
    tmp(512),
    { name: STORE_VOLUME, path: STORE, sizeLimitMiB: Math.ceil(service.model.weightsMiB * 1.05) + STORE_MORE_MIB },
  ],
  initContainers: [createModel(service, files)],
});

function environment({ contextTokens, concurrency }: PlannedService): Record<string, string> {
  return {
    ...common,
    OLLAMA_HOST: `0.0.0.0:${PORT}`,
    OLLAMA_CONTEXT_LENGTH: String(contextTokens),
    OLLAMA_NUM_PARALLEL: String(concurrency),
    OLLAMA_MAX_LOADED_MODELS: "1",
    // For ever: the GPU is kept for it anyway.
    OLLAMA_KEEP_ALIVE: "-1",
    OLLAMA_LOAD_TIMEOUT: "30m",
  };
}

const common = {
  ...OFFLINE,
  OLLAMA_MODELS: `${STORE}/models`,
  // Would remove what no description names: while one is made, that is the model.
  OLLAMA_NOPRUNE: "1",
  OLLAMA_NOHISTORY: "1",
  OLLAMA_NO_CLOUD: "1",
};

function createModel(service: PlannedService, { volume, directory }: ModelLocation): Sidecar {
  const { name, model } = service;
  return {
    name: "create-model",
    image: imageReference(engineImage("ollama", service)),
    command: ["/bin/sh", "-euc", createScript.join("\n")],
    environment: {
      ...common,
      // For this container alone: nobody asks before the model is there.
      OLLAMA_HOST: `127.0.0.1:${PORT}`,
      MODEL_NAME: name,
      MODEL_FILE: ggufPath(model, directory),
    },
    resources: resources(500, 512),
    mounts: [
      { volume: volume.name, path: volume.path },
      { volume: "tmp", path: TMP, readOnly: false },
      { volume: STORE_VOLUME, path: STORE, readOnly: false },
    ],
  };
}

const createScript = [
  "ollama serve &",
  "server=$!",
  `trap 'kill "$server"' EXIT`,
  'until ollama list > /dev/null 2>&1; do kill -0 "$server"; sleep 1; done',
  'echo "FROM $MODEL_FILE" > "$HOME/Modelfile"',
  'ollama create "$MODEL_NAME" --file "$HOME/Modelfile"',
];
