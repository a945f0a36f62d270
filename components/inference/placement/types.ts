export type GpuVendor = "nvidia" | "amd" | "intel";

/** One GPU of one machine. */
export interface Gpu {
  /** Unique: `gpu-1/0`. */
  readonly id: string;
  readonly node: string;
  /** The pool of its machine. */
  readonly pool: string;
  readonly vendor: GpuVendor;
  /** As its maker calls it. */
  readonly model: string;
  readonly memoryMiB: number;
  /** Equal parts that it is handed out in: a workload takes as many as its share needs. 1: one workload has all of it. @default 1000 */
  readonly parts?: number;
  /** A workload gets one part, and no more than that. @default false */
  readonly onePart?: boolean;
  /** Workloads that spread are on GPUs of one kind. @default - the vendor */
  readonly kind?: string;
}

/** Something that needs a part of a GPU, a whole one, or several of one machine. */
export interface Workload {
  /** Unique; a replica of a service is a workload of its own. */
  readonly name: string;
  /** GPUs, all of one machine. @default 1 */
  readonly gpus?: number;
  /** Memory on each of its GPUs, in MiB: weights, caches, and what the program itself takes. */
  readonly memoryMiB: number;
  /** Part of each of its GPUs, of time and memory alike, more than 0 and at most 1. */
  readonly share: number;
  /** GPUs that its program runs on. */
  readonly vendors: readonly GpuVendor[];
  /** The pool that it must be in. @default - any */
  readonly pool?: string;
  /** Machines on which it cannot run for other reasons, in words: `its GPU is rdna3, and ...`. @default - none */
  readonly unfit?: Readonly<Record<string, string>>;
  /** Workloads with the same word run on different machines, on GPUs of one kind: the replicas of a service. @default - anywhere */
  readonly spread?: string;
}

/** A workload, and where it runs. */
export interface Placement {
  readonly workload: Workload;
  /** As many as it needs, of one machine. */
  readonly gpus: readonly Gpu[];
}

/** What is left of a GPU. */
export interface Left {
  readonly gpu: Gpu;
  readonly memoryMiB: number;
  /** In whole parts. */
  readonly share: number;
}

/** A workload that fits nowhere, and why: one reason for each machine, in words. */
export interface Unplaced {
  readonly workload: Workload;
  readonly reasons: readonly string[];
}

export interface Plan {
  readonly placed: readonly Placement[];
  readonly unplaced: readonly Unplaced[];
  /** Every GPU, in the order in which they were given. */
  readonly left: readonly Left[];
}
