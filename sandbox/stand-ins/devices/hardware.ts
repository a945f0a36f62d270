import type { V1Node } from "@kubernetes/client-node";

/** What the machine double says of GPUs that the machine's configuration makes usable; gone when they are not. */
export const GPUS_ANNOTATION = "sandbox.orrery.dev/gpus";

export type Vendor = "nvidia" | "amd" | "intel";

/** The GPUs of a node. */
export interface NodeGpus {
  vendor: Vendor;
  count: number;
  /** Kernel driver. */
  driver: string;
}

const drivers: Readonly<Record<Vendor, string>> = { nvidia: "nvidia", amd: "amdgpu", intel: "i915" };

/** undefined: none that can be used. */
export function gpusOf(node: V1Node): NodeGpus | undefined {
  const text = node.metadata?.annotations?.[GPUS_ANNOTATION];
  if (text === undefined) return undefined;
  const { vendor, count, driver } = JSON.parse(text) as Partial<NodeGpus>;
  if (vendor === undefined || !(vendor in drivers)) throw new Error(`${GPUS_ANNOTATION}: no vendor in ${text}`);
  return { vendor, count: count ?? 1, driver: driver ?? drivers[vendor] };
}

/** Whether a node's status counts this as a device of a plugin that the stand-in knows. */
export const isGpuDevice = (resource: string): boolean =>
  /^(nvidia\.com\/gpu(\.shared)?|amd\.com\/gpu|gpu\.intel\.com\/[a-z0-9_]+)$/.test(resource);
