import { dedicatedModels, isOwn, OWN } from "../../../components/hetzner/market";
import { overlaps, parseAddress, parseCidr } from "../cidr";
import type { DedicatedMachine } from "../schema";
import { didYouMean } from "../suggest";
import { perMachine } from "./per-machine";
import { duplicates, type Rule, rule } from "./rule";

/**
 * Ranges in which no machine of Hetzner Robot is found. Loopback is not among them: it is where a simulated machine
 * answers.
 */
const notPublic = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "224.0.0.0/3",
].map((text) => parseCidr(text)!);

const size = /^(>=|<=|==|>|<)?\s*\d+(\.\d+)?\s*[kMGTP]i?B$/;

function modelOf({ model }: DedicatedMachine) {
  return Object.hasOwn(dedicatedModels, model) ? dedicatedModels[model] : undefined;
}

const withGpu = Object.values(dedicatedModels).flatMap(({ model, gpu }) => (gpu ? [model] : []));

export const dedicatedRules: Rule[] = [
  perMachine("dedicated-model", (machine, path) => {
    if (modelOf(machine) || isOwn(machine)) return [];
    const known = [...Object.keys(dedicatedModels), OWN];
    const meant = didYouMean(machine.model, known);
    return [
      {
        path: `${path}.model`,
        value: machine.model,
        message: `No model of this name is in the table, so its CPU, memory, GPU and price are unknown.${meant ? ` Did you mean ${meant}?` : ""}`,
        allowed: known.join(", "),
        fix: `Set orrery:${path}.model to ${meant ?? `the name that Hetzner Robot shows, in capitals, or to ${OWN} with hardware`}.`,
      },
    ];
  }),
  perMachine("dedicated-gpu-model", (machine, path) => {
    const model = modelOf(machine);
    if (!machine.gpu || !model || model.gpu) return [];
    return [
      {
        path: `${path}.gpu`,
        value: machine.gpu,
        message: `${machine.model} has no GPU: its drivers would find no device, and pods would wait forever.`,
        allowed: `not set for ${machine.model}; models with GPU: ${withGpu.join(", ")}`,
        fix: `Remove orrery:${path}.gpu, or correct the model.`,
      },
    ];
  }),
  perMachine("dedicated-gpu-vendor", (machine, path) => {
    const gpu = modelOf(machine)?.gpu;
    if (!machine.gpu || !gpu || gpu.vendor === machine.gpu.vendor) return [];
    return [
      {
        path: `${path}.gpu.vendor`,
        value: machine.gpu.vendor,
        message: `${machine.model} has a ${gpu.name} of ${gpu.vendor}: other drivers would find no device.`,
        allowed: gpu.vendor,
        fix: `Set orrery:${path}.gpu.vendor to ${gpu.vendor}.`,
      },
    ];
  }),
  perMachine("dedicated-gpu-count", (machine, path) => {
    const gpu = modelOf(machine)?.gpu;
    if (!machine.gpu || !gpu || machine.gpu.count <= gpu.count) return [];
    return [
      {
        path: `${path}.gpu.count`,
        value: machine.gpu.count,
        message: `${machine.model} has ${gpu.count} GPU.`,
        allowed: `1 to ${gpu.count}`,
        fix: `Set orrery:${path}.gpu.count to ${gpu.count}.`,
      },
    ];
  }),
  rule("gpu-in-cloud-pool", ({ pools }) =>
    pools.flatMap(({ gpu }, index) =>
      gpu
        ? [
            {
              path: `pools[${index}].gpu`,
              value: gpu,
              message: "Hetzner Cloud has no server types with GPUs.",
              allowed: "not set",
              fix: `Remove orrery:pools[${index}].gpu and add a dedicated machine, e.g. a GEX45, under orrery:dedicated.`,
            },
          ]
        : [],
    ),
  ),
  perMachine("dedicated-address", ({ address }, path) => {
    const parsed = parseAddress(address);
    const range = parsed?.version === 4 ? parseCidr(`${address}/32`) : undefined;
    if (range && !notPublic.some((reserved) => overlaps(reserved, range))) return [];
    return [
      {
        path: `${path}.address`,
        value: address,
        message: range
          ? "This address is not public, and the other nodes could not reach the machine."
          : "This is not an IPv4 address.",
        allowed: "the machine's public IPv4, e.g. 203.0.113.40, without a prefix length",
        fix: `Set orrery:${path}.address to the main IP that Hetzner Robot shows.`,
      },
    ];
  }),
  rule("dedicated-address-unique", ({ dedicated }) =>
    duplicates(dedicated.map(({ address }) => address)).map((index) => ({
      path: `dedicated[${index}].address`,
      value: dedicated[index]!.address,
      message: "Another machine has this address: one would be configured as both.",
      allowed: "each address once",
      fix: `Correct orrery:dedicated[${index}].address.`,
    })),
  ),
  rule("dedicated-robot-number-unique", ({ dedicated }) =>
    // Machines that have none are alike in nothing.
    duplicates(dedicated.map(({ robotNumber }, index) => robotNumber ?? `none ${index}`)).map((index) => ({
      path: `dedicated[${index}].robotNumber`,
      value: dedicated[index]!.robotNumber,
      message: "Another machine has this number: both would be the same node to the cloud controller.",
      allowed: "each number once",
      fix: `Correct orrery:dedicated[${index}].robotNumber; Hetzner Robot shows it beside the server.`,
    })),
  ),
  rule("dedicated-needs-kubespan", ({ dedicated, mesh }) =>
    dedicated.length === 0 || mesh.kubespan
      ? []
      : [
          {
            path: "mesh.kubespan",
            value: false,
            message: "Dedicated machines are not in the private network: without the mesh they reach no other node.",
            allowed: "true with dedicated machines",
            fix: "Set orrery:mesh.kubespan to true, or remove orrery:dedicated.",
          },
        ],
  ),
  perMachine("disk-selector-empty", ({ diskSelector }, path) =>
    Object.values(diskSelector).some((value) => value !== undefined)
      ? []
      : [
          {
            path: `${path}.diskSelector`,
            value: diskSelector,
            message: "It would match any disk, and the order of NVMe disks changes from boot to boot.",
            allowed: "at least one of type, model, serial, size",
            fix: `Set orrery:${path}.diskSelector, e.g. { type: nvme }; \`talosctl get disks\` lists what there is.`,
          },
        ],
  ),
  perMachine("disk-selector-size", ({ diskSelector }, path) =>
    diskSelector.size === undefined || size.test(diskSelector.size)
      ? []
      : [
          {
            path: `${path}.diskSelector.size`,
            value: diskSelector.size,
            message: "Talos does not understand this size.",
            allowed: "an optional >=, <=, >, < or ==, a number, and kB, MB, GB, TB (or KiB, MiB, ...)",
            fix: 'Write it as e.g. ">= 500GB".',
          },
        ],
  ),
  perMachine("certificate-fingerprint", ({ certificateFingerprint: given }, path) =>
    given === undefined || /^[A-Za-z0-9+/]{43}=$/.test(given)
      ? []
      : [
          {
            path: `${path}.certificateFingerprint`,
            value: given,
            message: "This is not a SHA-256 fingerprint in base64.",
            allowed: "44 characters of base64",
            fix: "Take it from the machine's console, or from the error of `talosctl apply-config --insecure --cert-fingerprint`.",
          },
        ],
  ),
  rule("dedicated-pool-alike", ({ dedicated }) =>
    dedicated.flatMap((machine, index) => {
      const first = dedicated.findIndex(({ pool }) => pool === machine.pool);
      const alike = (of: DedicatedMachine): string =>
        JSON.stringify([Object.entries(of.labels).sort(), of.taints, of.gpu?.vendor]);
      if (alike(dedicated[first]!) === alike(machine)) return [];
      return [
        {
          path: `dedicated[${index}].pool`,
          value: machine.pool,
          message: `dedicated[${first}] is in this pool with other labels, taints or GPU vendor; nodes of one pool are all alike.`,
          allowed: "the same labels, taints and gpu.vendor in one pool",
          fix: `Make them equal, or give orrery:dedicated[${index}] a pool of its own.`,
        },
      ];
    }),
  ),
];
