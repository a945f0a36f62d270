import { PROGRAM_SUPPORT, serverRunsOn, vendorsOf } from "../../../../components/inference/engines/support";
import type { GpuMachine } from "../../../../components/inference/gpu/types";
import { gib } from "../../../../components/inference/placement/reasons";
import { largestShare, memoryOf } from "../../../../components/inference/placement/room";
import { gpuNeedMiB } from "../../../../components/inference/plan/memory";
import { gpusOf } from "../../../../components/inference/plan/place";
import { largerGpu, needInWords, remedies } from "../../../../components/inference/plan/remedies";
import {
  allowedMachines,
  onGpu,
  programsFor,
  type ResolvedService,
  resolveService,
  spreads,
  worksOn,
} from "../../../../components/inference/plan/resolve";
import { servers } from "../../../../components/inference/types";
import { planInference } from "../../inference";
import type { Settings } from "../../schema";
import { didYouMean } from "../../suggest";
import { type Finding, type Rule, rule } from "../rule";
import { inputsOf, perService, type Wanted, wantedServices } from "./services";

/** Why a service that is to run on a GPU does not; the first that applies, as one follows from the other. */
const ids = [
  "inference-gpu-missing",
  "inference-gpu-pool",
  "inference-gpu-vendor",
  "inference-ray-vendor",
  "inference-gpu-count",
  "inference-engine-vendor",
  "inference-model-gpu",
  "inference-mps-share",
  "inference-model-too-big",
  "inference-share-too-small",
  "inference-no-room",
] as const;
type Diagnosis = { readonly id: (typeof ids)[number] } & Finding;

/** These say that two settings contradict each other, which no machine mends. */
const contradictions: readonly string[] = ["inference-ray-vendor", "inference-engine-vendor", "inference-model-gpu"];

export const placeRules: Rule[] = [
  perService("inference-gpu-share", ({ service: { gpu }, path }) =>
    gpu.share === undefined || (gpu.share >= 0.01 && gpu.share <= 1)
      ? []
      : [
          {
            path: `${path}.gpu.share`,
            value: gpu.share,
            message:
              gpu.share > 1
                ? "Nobody can have more than the whole of a GPU; several GPUs are a count."
                : "This is less than a hundredth of a GPU.",
            allowed: "0.01 to 1",
            fix:
              gpu.share > 1
                ? `Set orrery:${path}.gpu.share to 1 or less; for several GPUs, orrery:${path}.gpu.count to ${Math.ceil(gpu.share)}.`
                : `Set orrery:${path}.gpu.share to 0.01 or more.`,
          },
        ],
  ),
  ...ids.map((id) =>
    rule(id, (settings) =>
      diagnoses(settings)
        .filter((each) => each.id === id)
        .map(({ id: _, ...finding }) => finding),
    ),
  ),
];

const known = new WeakMap<Settings, Diagnosis[]>();

function diagnoses(settings: Settings): Diagnosis[] {
  const found = known.get(settings) ?? wantedServices(settings).flatMap((wanted) => diagnose(wanted, settings));
  known.set(settings, found);
  const strict = settings.inference.whenNoRoom === "refuse";
  return found.filter(({ id }) => strict || contradictions.includes(id));
}

function diagnose(wanted: Wanted, settings: Settings): Diagnosis[] {
  const { name, service, path } = wanted;
  const inputs = inputsOf(settings);
  const resolved = resolveService(name, service, inputs);
  const { share } = service.gpu;
  if (!resolved?.onGpu || (share !== undefined && (share < 0.01 || share > 1))) return [];
  const { machines } = inputs;
  const allowed = allowedMachines(service, machines);
  if (allowed.length === 0) return [notThere(wanted, machines)];
  if (!onGpu(name, service, inputs)?.works) return [notMade(wanted, resolved, allowed)];
  const usable = allowed.filter((machine) => worksOn(resolved.model, resolved.program, service.server, machine));
  const most = Math.max(...usable.map(({ count }) => count));
  if (resolved.gpus > most) {
    return [
      {
        id: "inference-gpu-count",
        path: `${path}.gpu.count`,
        value: resolved.gpus,
        message: `No machine that it may use has so many GPUs: the most is ${most}, of one machine.`,
        allowed: `1 to ${most}`,
        fix: `Set orrery:${path}.gpu.count to ${most}, or use a machine with more.`,
      },
    ];
  }
  const alone = tooSmall(wanted, resolved, usable, settings);
  if (alone !== undefined) return [alone];
  const left = planInference(settings).leftOut.find((each) => each.name === name);
  return left === undefined ? [] : [noRoom(wanted, resolved, left.reasons)];
}

function notThere({ service: { gpu, accelerator }, path }: Wanted, machines: readonly GpuMachine[]): Diagnosis {
  if (machines.length === 0) {
    return {
      id: "inference-gpu-missing",
      path: `${path}.accelerator`,
      value: accelerator,
      message: "It is to run on a GPU, and no machine of the settings offers one.",
      allowed: "gpu where a machine under orrery:dedicated has `gpu`; auto or cpu without",
      fix: `Add a machine with a GPU, e.g. a GEX45, under orrery:dedicated, or set orrery:${path}.accelerator to auto.`,
    };
  }
  const pools = [...new Set(machines.map(({ pool }) => pool))];
  if (gpu.pool !== undefined && !pools.includes(gpu.pool)) {
    const meant = didYouMean(gpu.pool, pools);
    return {
      id: "inference-gpu-pool",
      path: `${path}.gpu.pool`,
      value: gpu.pool,
      message: `No machine with a GPU is in a pool of this name.${meant ? ` Did you mean ${meant}?` : ""}`,
      allowed: pools.join(", "),
      fix: `Set orrery:${path}.gpu.pool to ${meant ?? pools[0]}, or put a machine with a GPU into the pool.`,
    };
  }
  const inPool = machines.filter(({ pool }) => gpu.pool === undefined || gpu.pool === pool);
  const vendors = [...new Set(inPool.map(({ vendor }) => vendor))];
  const where = gpu.pool === undefined ? "the cluster" : `the pool ${gpu.pool}`;
  return {
    id: "inference-gpu-vendor",
    path: `${path}.gpu.vendor`,
    value: gpu.vendor,
    message: `No GPU of ${where} is of ${gpu.vendor}.`,
    allowed: vendors.join(", "),
    fix: `Set orrery:${path}.gpu.vendor to ${vendors[0]}, or remove it.`,
  };
}

/** There are GPUs, and its program is made for none of them. */
function notMade(
  { service, path }: Wanted,
  { model, program, server }: ResolvedService,
  allowed: readonly GpuMachine[],
): Diagnosis {
  const theirs = [...new Set(allowed.map(({ vendor }) => vendor))];
  const of = `${allowed.map(({ name, model: gpu }) => `${name} (${gpu})`).join(", ")}`;
  if (!theirs.some((vendor) => serverRunsOn(server, vendor))) {
    return {
      id: "inference-ray-vendor",
      path: `${path}.server`,
      value: server,
      message: `Ray runs on GPUs of nvidia, and those that it may use are of ${theirs.join(" and ")}: ${of}.`,
      allowed: "ray on GPUs of nvidia, or on CPUs",
      fix: `Set orrery:${path}.server to another one, or orrery:${path}.gpu.vendor to nvidia, with a machine that has one.`,
    };
  }
  if (!programsFor(model, service.server).some((each) => spreads(each, service))) {
    return {
      id: "inference-gpu-count",
      path: `${path}.gpu.count`,
      value: service.gpu.count,
      message: `${program} uses one GPU, however many there are.`,
      allowed: `1 with ${program}`,
      fix: `Set orrery:${path}.gpu.count to 1, and orrery:${path}.replicas to more where there is more to do.`,
    };
  }
  const able = servers.filter((each) =>
    programsFor(model, each).some((other) => allowed.some((machine) => worksOn(model, other, each, machine))),
  );
  const others = able.length > 0 ? `Set orrery:${path}.server to ${able[0]}, or choose` : "Choose";
  if (!theirs.some((vendor) => vendorsOf(program).includes(vendor))) {
    return {
      id: "inference-engine-vendor",
      path: `${path}.server`,
      value: server,
      message: `${program} runs on GPUs of ${vendorsOf(program).join(", ") || "nobody"}, and those that it may use are of ${theirs.join(" and ")}: ${of}.`,
      allowed:
        able.length > 0 ? `there, for ${model.name}: ${able.join(", ")}` : `GPUs of ${vendorsOf(program).join(", ")}`,
      fix: `${others} other GPUs by orrery:${path}.gpu.pool or orrery:${path}.gpu.vendor.`,
    };
  }
  const packed = model.quantization === undefined ? "" : ` with weights in ${model.quantization}`;
  return {
    id: "inference-model-gpu",
    path: `${path}.model`,
    value: model.name,
    message: `${program} does not run ${model.name}${packed} on these GPUs: ${of}.`,
    allowed: `generations of ${program}: ${generations(program)}; and those that compute with such weights`,
    fix: `${others} another model, e.g. one in awq, or other GPUs.`,
  };
}

function generations(program: ResolvedService["program"]): string {
  return Object.entries(PROGRAM_SUPPORT[program].gpus)
    .map(([vendor, list]) => `${vendor} ${list === "all" ? "all" : list.join(" ")}`)
    .join(", ");
}

/** It would not fit if it were alone. */
function tooSmall(
  { path }: Wanted,
  resolved: ResolvedService,
  usable: readonly GpuMachine[],
  settings: Settings,
): Diagnosis | undefined {
  const { share, model, program, gpus, name } = resolved;
  const able = usable.filter(({ count }) => count >= gpus);
  const need = gpuNeedMiB(model, program, resolved, gpus);
  const gpuList = gpusOf(able);
  if (gpuList.some((gpu) => share <= largestShare(gpu) && need <= memoryOf(share, gpu))) return undefined;
  const allParts = gpuList.every((gpu) => share > largestShare(gpu));
  if (allParts) {
    const most = Math.max(...gpuList.map(largestShare));
    return {
      id: "inference-mps-share",
      path: `${path}.gpu.share`,
      value: share,
      message: `On ${able.map((machine) => machine.name).join(", ")} MPS gives each pod one equal part, ${most} of a GPU at most.`,
      allowed: `0.01 to ${most}`,
      fix: `Set orrery:${path}.gpu.share to ${most} or less, or give the machine fewer slices or another strategy.`,
    };
  }
  const ways = remedies(resolved, able, inputsOf(settings).models);
  const largest = gpuList.reduce((a, b) => (b.memoryMiB > a.memoryMiB ? b : a));
  const enough = Math.ceil((100 * need) / largest.memoryMiB) / 100;
  if (enough > largestShare(largest)) {
    return {
      id: "inference-model-too-big",
      path: `${path}.model`,
      value: model.name,
      message: `${name} needs ${needInWords(resolved)}, and the largest GPU that it may use is the ${largest.model} of ${largest.node} with ${gib(largest.memoryMiB)}.`,
      allowed: `at most ${gib(largest.memoryMiB)} on each GPU`,
      fix: `One of these: ${[...ways, ...largerGpu(resolved)].join("; ") || "choose other GPUs"}.`,
    };
  }
  return {
    id: "inference-share-too-small",
    path: `${path}.gpu.share`,
    value: share,
    message: `${name} needs ${needInWords(resolved)}, and ${share} of the ${largest.model} of ${largest.node} is ${gib(memoryOf(share, largest))} of its ${gib(largest.memoryMiB)}.`,
    allowed: `${enough} to ${largestShare(largest)}`,
    fix: `Set orrery:${path}.gpu.share to ${enough}${ways.length > 0 ? `; or ${ways.join("; or ")}` : ""}.`,
  };
}

function noRoom({ path }: Wanted, { name, share, settings, ...resolved }: ResolvedService, reasons: readonly string[]) {
  const need = needInWords({ name, share, settings, ...resolved });
  const copies = settings.replicas === 1 ? "" : ` for each of its ${settings.replicas} replicas`;
  return {
    id: "inference-no-room" as const,
    path: `${path}.gpu`,
    value: settings.gpu,
    message: `${name} fits on no machine. It needs ${need} and a share of ${share}${copies}. ${reasons.join(" ")}`,
    allowed: "shares that add up to 1 on each GPU; replicas on different machines, with GPUs of one kind",
    fix: `Lower the shares, add a machine with a GPU under orrery:dedicated, take a smaller model, set orrery:${path}.enabled to false, or orrery:inference.whenNoRoom to leave-out to go on without it.`,
  };
}
