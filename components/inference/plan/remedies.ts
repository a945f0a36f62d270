import { dedicatedModels } from "../../hetzner/market";
import { gpuModels } from "../gpu/table";
import type { GpuMachine } from "../gpu/types";
import type { Model } from "../models/types";
import { gib } from "../placement/reasons";
import { gpuNeedMiB } from "./memory";
import { programsFor, type ResolvedService, worksOn } from "./resolve";

/** What a service would need of a GPU, part by part: `24.5 GiB (weights 15.3, ...)`. */
export function needInWords({ model, program, contextTokens, concurrency, gpus }: ResolvedService): string {
  const load = { contextTokens, concurrency };
  const need = gpuNeedMiB(model, program, load, gpus);
  const weights = Math.ceil(model.weightsMiB / gpus);
  const of = model.shape === undefined ? "" : ` of ${concurrency} requests of ${contextTokens} tokens`;
  const onEach = gpus === 1 ? "" : " on each GPU";
  return `${gib(need)}${onEach} (weights ${gib(weights)}, ${program} and the work${of} ${gib(need - weights)})`;
}

/** Ways to make it fit on GPUs of this memory and share, as halves of sentences. */
export function remedies(
  service: ResolvedService,
  machines: readonly GpuMachine[],
  models: Readonly<Record<string, Model>>,
): string[] {
  const largest = Math.max(...machines.map(({ memoryMiB }) => Math.floor(memoryMiB * service.share)));
  return [...lighterLoad(service, largest), ...smallerModel(service, machines, models), ...moreGpus(service, machines)];
}

function lighterLoad({ model, program, contextTokens, concurrency, gpus }: ResolvedService, largest: number): string[] {
  const fits = (tokens: number, requests: number) =>
    gpuNeedMiB(model, program, { contextTokens: tokens, concurrency: requests }, gpus) <= largest;
  for (let requests = concurrency - 1; requests >= 1; requests--)
    if (fits(contextTokens, requests)) return [`set its concurrency to ${requests}`];
  for (let tokens = contextTokens / 2; tokens >= 1024; tokens /= 2)
    if (fits(Math.floor(tokens), 1)) return [`set its concurrency to 1 and its contextTokens to ${Math.floor(tokens)}`];
  return [];
}

function smallerModel(
  service: ResolvedService,
  machines: readonly GpuMachine[],
  models: Readonly<Record<string, Model>>,
): string[] {
  const { role, settings, share, gpus } = service;
  const fitting = Object.values(models).filter(
    (model) =>
      model.role === role &&
      model.weightsMiB < service.model.weightsMiB &&
      programsFor(model, settings.server).some((program) =>
        machines.some(
          (machine) =>
            worksOn(model, program, settings.server, machine) &&
            gpuNeedMiB(model, program, loadOf(service, model), gpus) <= machine.memoryMiB * share,
        ),
      ),
  );
  const largest = fitting.sort((a, b) => b.weightsMiB - a.weightsMiB || (a.name < b.name ? -1 : 1))[0];
  return largest === undefined ? [] : [`take the model ${largest.name}`];
}

function loadOf({ contextTokens, concurrency }: ResolvedService, { maxContextTokens }: Model) {
  return { contextTokens: Math.min(contextTokens, maxContextTokens), concurrency };
}

function moreGpus(service: ResolvedService, machines: readonly GpuMachine[]): string[] {
  const { model, program, share, gpus } = service;
  const most = Math.max(...machines.map(({ count }) => count));
  for (let count = gpus + 1; count <= most; count++) {
    const able = machines.some(
      (machine) => machine.count >= count && gpuNeedMiB(model, program, service, count) <= machine.memoryMiB * share,
    );
    if (able) return [`set its gpu.count to ${count}`];
  }
  return [];
}

/** The smallest GPU that would do, of those that can be rented if there is one. */
export function largerGpu({ model, program, share, gpus, server, ...load }: ResolvedService): string[] {
  const need = gpuNeedMiB(model, program, load, gpus);
  const able = Object.values(gpuModels)
    .filter((gpu) => gpu.memoryMiB * share >= need && worksOn(model, program, server, gpu))
    .map((gpu) => ({ ...gpu, machine: rented(gpu.name) }))
    .sort((a, b) => a.memoryMiB - b.memoryMiB || (a.name < b.name ? -1 : 1));
  const found = able.find(({ machine }) => machine !== undefined) ?? able[0];
  if (found === undefined) return [];
  const what = `a ${found.name} (${gib(found.memoryMiB)})`;
  return [
    `use a machine with a larger GPU, e.g. ${found.machine === undefined ? what : `a ${found.machine} with ${what}`}`,
  ];
}

function rented(gpu: string): string | undefined {
  return Object.values(dedicatedModels).find((each) => each.orderable && each.gpu?.name === gpu)?.model;
}
