import { type ImagePin, images } from "../../kit/images";
import type { Accelerator, Engine, PlannedService } from "../types";

type Choice = ImagePin | ((service: PlannedService) => ImagePin | undefined);

/** A generation of NVIDIA's has an image of TEI; two have one for what stands in data centres, and one for all others. */
const teiByArchitecture: Readonly<Record<string, (gpuModel: string) => ImagePin>> = {
  ampere: (gpu) => (/^A(100|30)\b/.test(gpu) ? images.teiAmpere80 : images.teiAmpere86),
  ada: () => images.teiAda,
  hopper: () => images.teiHopper,
  blackwell: (gpu) => (/^G?B[23]00\b/.test(gpu) ? images.teiBlackwell100 : images.teiBlackwell120),
};

const choices: Readonly<Record<Engine, Readonly<Partial<Record<Accelerator, Choice>>>>> = {
  vllm: { nvidia: images.vllm, amd: images.vllmRocm, intel: images.vllmXpu, cpu: images.vllmCpu },
  tei: {
    nvidia: ({ place }) =>
      place.kind === "gpu" ? teiByArchitecture[place.architecture]?.(place.gpuModel) : images.teiCpu,
    cpu: images.teiCpu,
  },
  llamacpp: {
    nvidia: images.llamacppCuda,
    amd: images.llamacppRocm,
    intel: images.llamacppIntel,
    cpu: images.llamacppCpu,
  },
  ollama: { nvidia: images.ollama, amd: images.ollamaRocm, cpu: images.ollama },
  speaches: { nvidia: images.speachesCuda, cpu: images.speachesCpu },
};

/**
 * The image of an engine for what it computes on.
 * @throws where there is none; support.ts keeps a plan from asking
 */
export function engineImage(engine: Engine, service: PlannedService): ImagePin {
  const choice = choices[engine][service.accelerator];
  const image = typeof choice === "function" ? choice(service) : choice;
  if (image === undefined) {
    const { place, accelerator, name } = service;
    const on = place.kind === "gpu" ? `${accelerator} ${place.architecture} (${place.gpuModel})` : accelerator;
    throw new Error(`${name}: there is no image of ${engine} for ${on}. Choose another server for it.`);
  }
  return image;
}

/** The program's version, which stands somewhere in the tag. */
export function engineVersion({ tag }: ImagePin): string {
  return /\d+\.\d+\.\d+/.exec(tag)?.[0] ?? tag;
}
