import type { ModelServiceSettings } from "../../../stacks/settings/schema/inference";
import { loads, PROGRAM_SUPPORT, programsOf, runsOn, serverRunsOn } from "../engines/support";
import type { GpuMachine } from "../gpu/types";
import { roleDefaults, wellKnownRoles } from "../models/catalogue";
import { quantizationRuns } from "../models/quantization";
import type { Model } from "../models/types";
import type { Program, Role, Server } from "../types";
import type { Load } from "./memory";
import type { PlanInput } from "./types";

/** A service with all its defaults; where it runs is still open. */
export interface ResolvedService extends Load {
  readonly name: string;
  readonly settings: ModelServiceSettings;
  readonly role: Role;
  readonly onGpu: boolean;
  readonly model: Model;
  readonly server: Server;
  readonly program: Program;
  readonly share: number;
  readonly gpus: number;
}

export type Inputs = Pick<PlanInput, "machines" | "models">;

/** What the name, the settings or the model says. */
export function roleOf(name: string, { role, model, cpuModel }: ModelServiceSettings, models: Inputs["models"]) {
  return role ?? wellKnown(name) ?? modelNamed(models, model ?? cpuModel ?? "")?.role;
}

function wellKnown(name: string): Role | undefined {
  return Object.hasOwn(wellKnownRoles, name) ? wellKnownRoles[name] : undefined;
}

/** Whether a model, as a program runs it, works on the GPUs of a machine; memory apart. */
export function worksOn(
  model: Model,
  program: Program,
  server: Server | undefined,
  { vendor, architecture }: Pick<GpuMachine, "vendor" | "architecture">,
): boolean {
  return (
    serverRunsOn(server, vendor) &&
    runsOn(program, vendor, architecture) &&
    quantizationRuns(model.quantization, vendor, architecture)
  );
}

/** Machines that the settings of a service let it use. */
export function allowedMachines({ gpu: { vendor, pool } }: ModelServiceSettings, machines: readonly GpuMachine[]) {
  return machines.filter(
    (machine) => (vendor === undefined || machine.vendor === vendor) && (pool === undefined || machine.pool === pool),
  );
}

/** Names of the models that it would take on a GPU and on CPUs: of the usual ones, the first that the server can load. */
export function modelNames(role: Role, { model, cpuModel, server }: ModelServiceSettings, models: Inputs["models"]) {
  const first = (names: readonly [string, ...string[]]) =>
    names.find((name) => {
      const usual = modelNamed(models, name);
      return usual !== undefined && programsFor(usual, server).length > 0;
    }) ?? names[0];
  const usual = roleDefaults[role];
  return { gpu: model ?? first(usual.models), cpu: cpuModel ?? first(usual.cpuModels) };
}

/** What the server can load this model with, the best first. */
export function programsFor(model: Model, server: Server | undefined): Program[] {
  const able = programsOf(server);
  return model.engines.filter((program) => able.includes(program) && loads(program, model));
}

/** The model of that name, whatever else objects have under it. */
export function modelNamed(models: Inputs["models"], name: string): Model | undefined {
  return Object.hasOwn(models, name) ? models[name] : undefined;
}

/**
 * The service as it would run on a GPU, and whether there is a GPU for which its program is made; undefined where the
 * server cannot load the model on any.
 */
export function onGpu(name: string, settings: ModelServiceSettings, inputs: Inputs) {
  const found = start(name, settings, inputs);
  const model = found && modelNamed(inputs.models, found.names.gpu);
  if (!model) return undefined;
  const allowed = allowedMachines(settings, inputs.machines);
  const able = programsFor(model, settings.server);
  const works = able.find(
    (program) =>
      spreads(program, settings) && allowed.some((machine) => worksOn(model, program, settings.server, machine)),
  );
  const program = works ?? able[0];
  if (program === undefined) return undefined;
  return { works: works !== undefined, service: finish(name, settings, found.role, model, program, true) };
}

/** Whether a program can use as many GPUs as the service asks for. */
export function spreads(program: Program, { gpu: { count } }: ModelServiceSettings): boolean {
  return count === 1 || PROGRAM_SUPPORT[program].severalGpus;
}

/** The service as it would run on CPUs; undefined where no program does that. */
export function onCpu(name: string, settings: ModelServiceSettings, inputs: Inputs): ResolvedService | undefined {
  const found = start(name, settings, inputs);
  // One that asks for CPUs may name its model as `model`.
  const named = settings.accelerator === "cpu" ? (settings.cpuModel ?? settings.model) : settings.cpuModel;
  const model = found && modelNamed(inputs.models, named ?? found.names.cpu);
  if (!model) return undefined;
  const program = programsFor(model, settings.server).find((candidate) => runsOn(candidate, "cpu"));
  return program && finish(name, settings, found.role, model, program, false);
}

/** GPU or CPU, as the settings say; `auto` goes to a GPU where one is in the cluster for which a program is made. */
export function resolveService(
  name: string,
  settings: ModelServiceSettings,
  inputs: Inputs,
): ResolvedService | undefined {
  if (settings.accelerator === "cpu") return onCpu(name, settings, inputs);
  const gpu = onGpu(name, settings, inputs);
  if (settings.accelerator === "gpu") return gpu?.service;
  // Who names a pool or a vendor means a GPU, as long as the cluster has any.
  const asked = settings.gpu.vendor !== undefined || settings.gpu.pool !== undefined;
  return gpu?.works || (asked && inputs.machines.length > 0) ? gpu?.service : onCpu(name, settings, inputs);
}

function start(name: string, settings: ModelServiceSettings, { models }: Inputs) {
  const role = roleOf(name, settings, models);
  return role && { role, names: modelNames(role, settings, models) };
}

/** Where the settings leave it open; CPUs are slow, and one request at a time is what they can do. */
const usualLoad = { gpu: { contextTokens: 8192, concurrency: 8 }, cpu: { contextTokens: 4096, concurrency: 1 } };

function finish(
  name: string,
  settings: ModelServiceSettings,
  role: Role,
  model: Model,
  program: Program,
  gpu: boolean,
): ResolvedService {
  const usual = usualLoad[gpu ? "gpu" : "cpu"];
  return {
    name,
    settings,
    role,
    onGpu: gpu,
    model,
    server: settings.server ?? (program as Server),
    program,
    share: settings.gpu.share ?? roleDefaults[role].share,
    gpus: settings.gpu.count,
    contextTokens: settings.contextTokens ?? Math.min(usual.contextTokens, model.maxContextTokens),
    concurrency: settings.concurrency ?? usual.concurrency,
  };
}
