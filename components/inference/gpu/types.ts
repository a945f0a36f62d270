import type * as pulumi from "@pulumi/pulumi";
import type { GpuVendor } from "../../hetzner/machines";
import type { GpuDriver } from "./table";

/** How pods share the GPUs of a machine. */
export interface GpuSharing {
  readonly strategy: "none" | "time-slicing" | "mps";
  /** Parts of each GPU; 1 without sharing. */
  readonly slices: number;
}

/** A machine with GPUs, as the settings and the table of GPUs know it before anything is bought. */
export interface GpuMachine {
  /** Name in the settings, and value of the node label MACHINE_LABEL. */
  readonly name: string;
  readonly pool: string;
  readonly vendor: GpuVendor;
  /** As its maker calls it. */
  readonly model: string;
  /** Of the vendor's generations: `blackwell`, `ada`, `rdna3`, `cdna3`, `xe2`. */
  readonly architecture: string;
  /** Linux' driver: Intel's device is named after it. */
  readonly driver: GpuDriver;
  /** Memory that programs can have, of each GPU: less than what is printed on the box. */
  readonly memoryMiB: number;
  readonly count: number;
  readonly sharing: GpuSharing;
  /** Under this name the device plugin offers them; a shared GPU counts `sharing.slices` times. */
  readonly device: string;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

/** What offers the machines' GPUs to pods, by vendor; a vendor without a machine is not there. */
export interface GpuSupply {
  /** Depend on these: GPUs of the vendor are offered, and its RuntimeClass is known. */
  readonly ready: Readonly<Partial<Record<GpuVendor, pulumi.Resource>>>;
}
