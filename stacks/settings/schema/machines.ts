import { z } from "zod";
import { doc } from "./doc";

const labels = doc(
  z.record(z.string(), z.string()).default({}),
  "Kubernetes labels of the nodes, beside `orrery.dev/pool`.",
  { allowed: "Kubernetes label syntax; no kubernetes.io and no orrery.dev keys" },
);

const locations = z.array(z.string());

const locationsDoc = "Hetzner locations; one server after the other goes to the next one.";
const locationsAllowed = "fsn1, nbg1, hel1 (eu-central), ash (us-east), hil (us-west), sin (ap-southeast); one zone";

export const GpuVendor = z.enum(["nvidia", "amd", "intel"]);

export const Taint = z.strictObject({
  key: doc(z.string(), "Key of the taint.", { allowed: "Kubernetes label key; no kubernetes.io keys" }),
  value: doc(z.string().default(""), "Value of the taint.", { allowed: "Kubernetes label value" }),
  effect: doc(z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]), "What happens to pods without a toleration."),
});

const taints = doc(z.array(Taint).default([]), "Taints of the nodes, set when a node registers.", {
  replaces: "nothing; nodes that are registered keep their taints",
});

export const ControlPlane = z.strictObject({
  count: doc(z.number().int().default(1), "Number of control planes, each with a member of etcd.", {
    allowed: "1, 3 or 5; at least 3 in prod",
  }),
  serverType: doc(z.string().default("cpx32"), "Hetzner server type of the control planes.", {
    allowed: "a type of Hetzner Cloud that is in stock",
    replaces: "nothing; servers are powered off and resized",
  }),
  locations: doc(locations.default(["fsn1"]), locationsDoc, {
    allowed: locationsAllowed,
    replaces: "servers whose location changes",
  }),
  schedulable: doc(z.boolean().default(false), "Let ordinary pods run on control planes."),
});

export const NodePool = z.strictObject({
  name: doc(z.string(), "Name of the pool: servers are named `<cluster>-<pool>-<n>`.", {
    allowed: "lower-case letters, digits and hyphens; unique; not control-plane",
    replaces: "every server of the pool",
  }),
  count: doc(z.number().int().min(0).max(100), "Number of servers. A smaller number removes the last ones."),
  serverType: doc(z.string(), "Hetzner server type of the pool.", {
    allowed: "a type of Hetzner Cloud that is in stock",
    replaces: "nothing; servers are powered off and resized, and a change of architecture is refused by Hetzner",
  }),
  locations: doc(locations, locationsDoc, { allowed: locationsAllowed, replaces: "servers whose location changes" }),
  labels,
  taints,
  publicIpv4: doc(
    z.boolean().default(true),
    "Give each server a public IPv4. Without it, only IPv6 is public, and registries without IPv6 are out of reach.",
  ),
  gpu: doc(
    z.strictObject({ vendor: doc(GpuVendor, "Vendor of the GPU.") }).optional(),
    "Hetzner Cloud has no GPU servers: refused here, with a message that says what to use.",
    { allowed: "not set; GPUs are in `dedicated`" },
  ),
});

export const DiskSelector = z.strictObject({
  type: doc(z.enum(["nvme", "ssd", "hdd"]).optional(), "Kind of disk."),
  model: doc(z.string().min(1).optional(), "Model of the disk, `*` matches anything."),
  serial: doc(z.string().min(1).optional(), "Serial number of the disk."),
  size: doc(z.string().optional(), "Size of the disk, compared.", { allowed: "e.g. `>= 500GB`, `<= 1TB`, `== 960GB`" }),
});

const Sharing = z.strictObject({
  strategy: doc(
    z.enum(["none", "time-slicing", "mps"]),
    "none: one pod for each GPU. time-slicing: pods take turns, by the fractions that they ask for; memory is counted by the plan, not guarded by the driver. mps: equal parts at the same time, each with its own memory (NVIDIA).",
    { allowed: "NVIDIA: all; Intel: none, time-slicing; AMD: none" },
  ),
  slices: doc(
    z.number().int().min(2).max(100).default(20),
    "Parts of each GPU. time-slicing: 20 means steps of 0.05. mps: each pod gets one of them.",
    { allowed: "2 to 100; mps: at most 48" },
  ),
});

/** Machines of one's own are not in Hetzner's table: what they have stands in the settings. */
const OwnHardware = z.strictObject({
  cores: doc(z.number().int().min(2).max(512), "Threads of the CPU."),
  memoryGiB: doc(z.number().int().min(4).max(8192), "Memory, in GiB."),
  diskGB: doc(z.number().int().min(100).max(1_000_000), "The disk that Talos is installed on, in GB."),
  monthlyEur: doc(z.number().min(0).optional(), "What it costs a month, in EUR: power, room.", {
    defaultText: "not known, and the estimate says so",
  }),
});

export const DedicatedMachine = z.strictObject({
  name: doc(z.string(), "Name of the machine: the node is named `<cluster>-<name>`.", {
    allowed: "lower-case letters, digits and hyphens; unique",
    replaces: "the machine's membership in the cluster",
  }),
  address: doc(z.string(), "Public IPv4 at which the machine waits in maintenance mode.", {
    allowed: "a public IPv4, once",
    replaces: "the machine's membership in the cluster",
  }),
  model: doc(z.string(), "Hetzner's name of the model. CPU, memory, GPU and price come from the table.", {
    allowed: "GEX44, GEX45, GEX63, GEX130, GEX131 (GPU); AX42, AX102, AX162, EX44 (no GPU); own (see `hardware`)",
  }),
  hardware: doc(OwnHardware.optional(), "What a machine of one's own has: model `own`.", {
    allowed: "set for the model own, and for no other",
  }),
  robotNumber: doc(z.number().int().min(1).optional(), "Number of the server in Hetzner Robot.", {
    allowed: "unique; not set for the model own",
  }),
  pool: doc(z.string().default("gpu"), "Pool of the machine; machines of one pool share labels and taints.", {
    allowed: "lower-case letters, digits and hyphens; not the name of a cloud pool",
  }),
  diskSelector: doc(
    DiskSelector.default({ type: "nvme" }),
    "Which disk Talos is installed on: the order of NVMe disks is not stable. Everything given must match.",
    { allowed: "at least one of its keys", replaces: "nothing; used once, at installation" },
  ),
  gpu: doc(
    z
      .strictObject({
        vendor: doc(GpuVendor, "Vendor of the GPU: decides system extensions and kernel modules."),
        count: doc(z.number().int().min(1).default(1), "Number of GPUs, at most what the model has."),
        model: doc(z.string().optional(), "GPU of a machine of one's own, by its name in the table of GPUs.", {
          defaultText: "that of the machine's model",
          allowed: "a name of docs/inference/gpus.md, e.g. `RX 7900 XTX`; only for the model own",
        }),
        taint: doc(
          z.boolean().optional(),
          "Keep pods away that ask for no GPU: taint `<name of the device>=present:NoSchedule`, beside `taints`.",
          { defaultText: "true in prod", replaces: "nothing; a node that is registered keeps its taints" },
        ),
        sharing: doc(Sharing.prefault({ strategy: "none" }), "How pods share a GPU."),
      })
      .optional(),
    "GPU to offer to pods. Without it, the model's GPU is not used.",
  ),
  labels,
  taints,
  certificateFingerprint: doc(
    z.string().optional(),
    "SHA-256 fingerprint of the maintenance API's certificate, as `talosctl` prints it. Without it, whoever answers at the address is trusted once.",
    { allowed: "base64 of 32 bytes" },
  ),
});

export type NodePool = z.output<typeof NodePool>;
export type DedicatedMachine = z.output<typeof DedicatedMachine>;
export type DiskSelector = z.output<typeof DiskSelector>;
export type ControlPlane = z.output<typeof ControlPlane>;
export type Taint = z.output<typeof Taint>;
