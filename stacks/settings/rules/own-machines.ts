import { isOwn, OWN } from "../../../components/hetzner/market";
import { gpuModelOf, gpuModels } from "../../../components/inference/gpu/table";
import { didYouMean } from "../suggest";
import { perMachine } from "./per-machine";
import type { Rule } from "./rule";

const gpuNames = Object.keys(gpuModels);

/** Machines of one's own: what Hetzner's table says of the others, the settings say of them. */
export const ownMachineRules: Rule[] = [
  perMachine("own-hardware-missing", (machine, path) =>
    isOwn(machine) && machine.hardware === undefined
      ? [
          {
            path: `${path}.hardware`,
            value: undefined,
            message: "No table knows a machine of your own, so what fits on it would be unknown.",
            allowed: "cores, memoryGiB, diskGB, and what it costs a month if you know",
            fix: `Set orrery:${path}.hardware, e.g. { cores: 16, memoryGiB: 64, diskGB: 1000 }.`,
          },
        ]
      : [],
  ),
  perMachine("own-hardware-only", (machine, path) =>
    isOwn(machine) || machine.hardware === undefined
      ? []
      : [
          {
            path: `${path}.hardware`,
            value: machine.hardware,
            message: `What a ${machine.model} has is in Hetzner's table already, and the two may differ.`,
            allowed: `set for the model ${OWN} only`,
            fix: `Remove orrery:${path}.hardware, or set orrery:${path}.model to ${OWN}.`,
          },
        ],
  ),
  perMachine("robot-number-missing", (machine, path) =>
    isOwn(machine) || machine.robotNumber !== undefined
      ? []
      : [
          {
            path: `${path}.robotNumber`,
            value: undefined,
            message:
              "By this number the cloud controller knows that the node is a server of Hetzner Robot, and leaves it.",
            allowed: `the server's number, unless the model is ${OWN}`,
            fix: `Set orrery:${path}.robotNumber; Hetzner Robot shows it beside the server.`,
          },
        ],
  ),
  perMachine("robot-number-own", (machine, path) =>
    !isOwn(machine) || machine.robotNumber === undefined
      ? []
      : [
          {
            path: `${path}.robotNumber`,
            value: machine.robotNumber,
            message: "A machine of your own is not in Hetzner Robot: the number would be another server's.",
            allowed: `not set for the model ${OWN}`,
            fix: `Remove orrery:${path}.robotNumber, or set orrery:${path}.model to Hetzner's name of the model.`,
          },
        ],
  ),
  perMachine("own-gpu-model-missing", (machine, path) =>
    isOwn(machine) && machine.gpu !== undefined && machine.gpu.model === undefined
      ? [
          {
            path: `${path}.gpu.model`,
            value: undefined,
            message: "Without the model, neither the GPU's memory nor its driver is known.",
            allowed: namesOf(machine.gpu.vendor).join(", "),
            fix: `Set orrery:${path}.gpu.model to the card's name, e.g. ${namesOf(machine.gpu.vendor)[0]}.`,
          },
        ]
      : [],
  ),
  perMachine("own-gpu-model-only", (machine, path) =>
    isOwn(machine) || machine.gpu?.model === undefined
      ? []
      : [
          {
            path: `${path}.gpu.model`,
            value: machine.gpu.model,
            message: `Which GPU a ${machine.model} has is in Hetzner's table.`,
            allowed: `set for the model ${OWN} only`,
            fix: `Remove orrery:${path}.gpu.model, or set orrery:${path}.model to ${OWN}.`,
          },
        ],
  ),
  perMachine("gpu-model-unknown", (machine, path) => {
    const name = machine.gpu?.model;
    if (!isOwn(machine) || name === undefined || gpuModelOf(name)) return [];
    const meant = didYouMean(name, gpuNames);
    return [
      {
        path: `${path}.gpu.model`,
        value: name,
        message: `No GPU of this name is in the table, so its memory and driver are unknown.${meant ? ` Did you mean ${meant}?` : ""}`,
        allowed: gpuNames.join(", "),
        fix: meant
          ? `Set orrery:${path}.gpu.model to ${meant}.`
          : "Add the card to components/inference/gpu/table.ts, with the memory that its driver reports.",
      },
    ];
  }),
  perMachine("gpu-model-vendor", (machine, path) => {
    const model = isOwn(machine) ? gpuModelOf(machine.gpu?.model) : undefined;
    if (!machine.gpu || !model || model.vendor === machine.gpu.vendor) return [];
    return [
      {
        path: `${path}.gpu.vendor`,
        value: machine.gpu.vendor,
        message: `${model.name} is of ${model.vendor}: other drivers would find no device.`,
        allowed: model.vendor,
        fix: `Set orrery:${path}.gpu.vendor to ${model.vendor}, or correct the model.`,
      },
    ];
  }),
];

function namesOf(vendor: string): string[] {
  return Object.values(gpuModels).flatMap((model) => (model.vendor === vendor ? [model.name] : []));
}
