import { NOBODY } from "../../kit/security";
import type { Engine, PlannedService } from "../types";
import { plainEngine } from "../types";
import { engineResources, graceSeconds } from "./common";
import { engineVersion } from "./images";
import { llamacpp } from "./llamacpp";
import { ollama } from "./ollama";
import { speaches } from "./speaches";
import { tei } from "./tei";
import type { EngineContainer, EngineDefinition, ModelLocation } from "./types";
import { vllm } from "./vllm";

export { ENGINE_PORT_NAME, type EngineContainer, type ModelLocation } from "./types";

const definitions: Readonly<Record<Engine, EngineDefinition>> = { vllm, tei, llamacpp, ollama, speaches };

/**
 * The container that serves a planned service, whoever runs it.
 * @throws where there is no image for its GPU, or the model does not say which file it is: plans have neither
 */
export function engineContainer(service: PlannedService, files: ModelLocation): EngineContainer {
  const engine = plainEngine(service);
  const parts = definitions[engine](service, files);
  return {
    runAs: NOBODY,
    servedName: service.name,
    ...parts,
    engine,
    version: engineVersion(parts.image),
    resources: engineResources(service),
    terminationGraceSeconds: graceSeconds(service),
  };
}
