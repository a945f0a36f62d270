import type { DedicatedModel } from "./types";

const nvme = (count: number, size: string): string => `${count} x ${size} NVMe`;

/**
 * Dedicated servers of Hetzner Robot. Prices of the GEX models that are sold were read on 2026-10-08, those of GEX44 and
 * GEX130 are the last that were asked for new orders. 1.70 EUR a month for the IPv4 is included. No price is on record
 * for the AX and EX models, which stand here in their smallest configuration: an estimate says so instead of guessing.
 */
const models: DedicatedModel[] = [
  {
    model: "GEX44",
    cores: 14,
    memoryGiB: 64,
    disks: nvme(2, "512 GB"),
    gpu: { vendor: "nvidia", count: 1, name: "RTX 4000 SFF Ada", memoryGiB: 20 },
    locations: ["fsn1"],
    monthlyEur: 234,
    setupEur: 114,
    orderable: false,
  },
  {
    model: "GEX45",
    cores: 14,
    memoryGiB: 64,
    disks: nvme(2, "512 GB"),
    gpu: { vendor: "nvidia", count: 1, name: "RTX PRO 4000 Blackwell SFF", memoryGiB: 24 },
    locations: ["fsn1", "hel1", "nbg1"],
    monthlyEur: 214,
    setupEur: 209,
    orderable: true,
  },
  {
    model: "GEX63",
    cores: 20,
    memoryGiB: 128,
    disks: nvme(2, "1.92 TB"),
    gpu: { vendor: "nvidia", count: 1, name: "RTX PRO 6000 Blackwell Max-Q", memoryGiB: 96 },
    locations: ["hel1"],
    monthlyEur: 999,
    setupEur: 999,
    orderable: true,
  },
  {
    model: "GEX130",
    cores: 24,
    memoryGiB: 128,
    disks: nvme(2, "1.92 TB"),
    gpu: { vendor: "nvidia", count: 1, name: "RTX 6000 Ada", memoryGiB: 48 },
    locations: ["fsn1"],
    monthlyEur: 839.7,
    orderable: false,
  },
  {
    model: "GEX131",
    cores: 24,
    memoryGiB: 256,
    disks: nvme(2, "960 GB"),
    gpu: { vendor: "nvidia", count: 1, name: "RTX PRO 6000 Blackwell Max-Q", memoryGiB: 96 },
    locations: ["nbg1", "fsn1"],
    monthlyEur: 1499,
    setupEur: 1499,
    orderable: true,
  },
  { model: "AX42", cores: 8, memoryGiB: 64, disks: nvme(2, "512 GB"), locations: ["fsn1", "hel1"], orderable: true },
  {
    model: "AX102",
    cores: 16,
    memoryGiB: 128,
    disks: nvme(2, "1.92 TB"),
    locations: ["fsn1", "hel1"],
    orderable: true,
  },
  {
    model: "AX162",
    cores: 48,
    memoryGiB: 256,
    disks: nvme(2, "1.92 TB"),
    locations: ["fsn1", "hel1"],
    orderable: true,
  },
  { model: "EX44", cores: 14, memoryGiB: 64, disks: nvme(2, "512 GB"), locations: ["fsn1", "hel1"], orderable: true },
];

/** By Hetzner's name of the model. */
export const dedicatedModels: Readonly<Record<string, DedicatedModel>> = Object.fromEntries(
  models.map((entry) => [entry.model, entry]),
);
