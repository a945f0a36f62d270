import { gpuNameOf } from "../../../../components/inference/gpu/of-machine";
import { type GpuModel, gpuModelOf } from "../../../../components/inference/gpu/table";
import type { Settings } from "../../schema";
import { perMachine } from "../per-machine";
import { type Finding, type Rule, rule } from "../rule";

/** What each vendor's device plugin can do. */
const strategies = {
  nvidia: ["none", "time-slicing", "mps"],
  intel: ["none", "time-slicing"],
  amd: ["none"],
} as const;

/** Clients of NVIDIA's MPS server, from Volta on. */
const MOST_MPS_CLIENTS = 48;

/** NVIDIA's driver in each branch of Talos 1.12's extensions. */
const driverOf: Readonly<Record<Settings["talos"]["nvidia"]["branch"], number>> = { lts: 580, production: 570 };

export const gpuRules: Rule[] = [
  perMachine("gpu-sharing-vendor", ({ gpu }, path) => {
    if (!gpu || (strategies[gpu.vendor] as readonly string[]).includes(gpu.sharing.strategy)) return [];
    return [
      {
        path: `${path}.gpu.sharing.strategy`,
        value: gpu.sharing.strategy,
        message: `The device plugin of ${gpu.vendor} cannot share a GPU like this, and pods would wait for slices forever.`,
        allowed: `${strategies[gpu.vendor].join(", ")} for ${gpu.vendor}`,
        fix: `Set orrery:${path}.gpu.sharing.strategy to ${strategies[gpu.vendor].at(-1)}.`,
      },
    ];
  }),
  perMachine("gpu-time-slicing-one-gpu", ({ gpu }, path) =>
    gpu?.sharing.strategy !== "time-slicing" || gpu.count === 1
      ? []
      : [
          {
            path: `${path}.gpu.sharing.strategy`,
            value: gpu.sharing.strategy,
            message: `The machine has ${gpu.count} GPUs: a pod's slices could be of several, and nothing would count its share of one.`,
            allowed: "none or mps on a machine with several GPUs",
            fix: `Set orrery:${path}.gpu.sharing.strategy to none, or offer one GPU: gpu.count 1.`,
          },
        ],
  ),
  perMachine("gpu-mps-slices", ({ gpu }, path) =>
    gpu?.sharing.strategy !== "mps" || gpu.sharing.slices <= MOST_MPS_CLIENTS
      ? []
      : [
          {
            path: `${path}.gpu.sharing.slices`,
            value: gpu.sharing.slices,
            message: `NVIDIA's MPS serves ${MOST_MPS_CLIENTS} programs on a GPU, not more.`,
            allowed: `2 to ${MOST_MPS_CLIENTS} with mps`,
            fix: `Set orrery:${path}.gpu.sharing.slices to ${MOST_MPS_CLIENTS} or less.`,
          },
        ],
  ),
  perNvidiaMachine("blackwell-needs-open-modules", (model, machine, { modules }) =>
    !model.needsOpenModules || modules === "open"
      ? []
      : [
          {
            path: "talos.nvidia.modules",
            value: modules,
            message: `${machine} has a ${model.name} (Blackwell): the closed kernel modules load, and find no device.`,
            allowed: "open with Blackwell",
            fix: "Set orrery:talos.nvidia.modules to open, which drives older cards, too.",
          },
        ],
  ),
  perNvidiaMachine("gpu-needs-newer-driver", (model, machine, { branch }) =>
    model.minDriver === undefined || driverOf[branch] >= model.minDriver
      ? []
      : [
          {
            path: "talos.nvidia.branch",
            value: branch,
            message: `${machine} has a ${model.name}, which NVIDIA's driver knows from ${model.minDriver} on; this branch is ${driverOf[branch]}.`,
            allowed: `lts (${driverOf.lts})`,
            fix: "Set orrery:talos.nvidia.branch to lts.",
          },
        ],
  ),
];

/** The first machine that is wrong says it: the setting is one for all. */
function perNvidiaMachine(
  id: string,
  check: (model: GpuModel, machine: string, nvidia: Settings["talos"]["nvidia"]) => Finding[],
): Rule {
  return rule(id, ({ dedicated, talos: { nvidia } }) =>
    dedicated
      .flatMap((machine) => {
        const model = machine.gpu && gpuModelOf(gpuNameOf(machine));
        return model?.vendor === "nvidia" ? check(model, machine.name, nvidia) : [];
      })
      .slice(0, 1),
  );
}
