import type { Gpu, Left, Placement, Workload } from "./types";

/** Shares are counted in thousandths, and GPUs that nobody cut come in as many parts: tenths of a double do not add up to one. */
const WHOLE = 1000;

const thousandths = (share: number) => Math.round(share * WHOLE);

const partsOf = ({ parts = WHOLE }: Gpu) => parts;

/** Parts of a GPU that a share of it takes. */
export function partsFor(share: number, gpu: Gpu): number {
  return gpu.onePart ? 1 : Math.ceil((thousandths(share) * partsOf(gpu)) / WHOLE);
}

/** The most of a GPU's memory that a share of it may have, in MiB. */
export function memoryOf(share: number, { memoryMiB }: Gpu): number {
  return Math.floor((memoryMiB * thousandths(share)) / WHOLE);
}

/** Of a GPU in parts of which each workload gets one. */
export function largestShare(gpu: Gpu): number {
  return gpu.onePart ? Math.floor(WHOLE / partsOf(gpu)) / WHOLE : 1;
}

/** What is left of all GPUs while workloads are put on them and taken off again. Only `plan.ts` uses it. */
export class Room {
  private readonly memory: number[];
  private readonly parts: number[];
  private readonly workloads: number[];
  /** Machines and kinds of GPU that a spread group has, by group. */
  private readonly groups = new Map<string, { node: string; kind: string }[]>();
  /** Indices of the GPUs of each machine. */
  readonly machines: readonly (readonly number[])[];
  /** Of them, those on which a workload could run if nothing else did; a search asks many times. */
  private readonly suiting = new Map<Workload, readonly (readonly number[])[]>();

  constructor(readonly gpus: readonly Gpu[]) {
    this.memory = gpus.map(({ memoryMiB }) => memoryMiB);
    this.parts = gpus.map(partsOf);
    this.workloads = gpus.map(() => 0);
    const nodes = [...new Set(gpus.map(({ node }) => node))];
    this.machines = nodes.map((node) => gpus.flatMap((gpu, index) => (gpu.node === node ? [index] : [])));
  }

  /** GPUs on which there is room for the workload, by machine. */
  fitting(workload: Workload): number[][] {
    const known = this.suiting.get(workload);
    const suiting = known ?? this.machines.map((machine) => machine.filter((index) => this.suits(index, workload)));
    if (known === undefined) this.suiting.set(workload, suiting);
    return suiting.map((machine) => machine.filter((index) => this.hasRoom(index, workload)));
  }

  /** Whether the workload could run on this GPU if nothing else did. */
  private suits(index: number, { vendors, pool, unfit, memoryMiB, share }: Workload): boolean {
    const gpu = this.gpus[index]!;
    return (
      vendors.includes(gpu.vendor) &&
      (pool === undefined || pool === gpu.pool) &&
      unfit?.[gpu.node] === undefined &&
      share <= largestShare(gpu) &&
      memoryMiB <= memoryOf(share, gpu)
    );
  }

  /** Memory needs no question of its own: nobody needs more than the share, and shares add up to one GPU at most. */
  private hasRoom(index: number, workload: Workload): boolean {
    return (
      partsFor(workload.share, this.gpus[index]!) <= this.parts[index]! &&
      !this.meets(index, workload) &&
      !this.mixes(index, workload)
    );
  }

  /** Whether one of its group runs on the machine already. */
  meets(index: number, { spread }: Pick<Workload, "spread">): boolean {
    return this.group(spread).some(({ node }) => node === this.gpus[index]!.node);
  }

  /** Whether one of its group runs on a GPU of another kind. */
  mixes(index: number, { spread }: Pick<Workload, "spread">): boolean {
    return this.group(spread).some(({ kind }) => kind !== kindOf(this.gpus[index]!));
  }

  private group(spread: string | undefined) {
    return spread === undefined ? [] : (this.groups.get(spread) ?? []);
  }

  put(indices: readonly number[], workload: Workload): void {
    this.change(indices, workload, 1);
    const { spread } = workload;
    const gpu = this.gpus[indices[0]!]!;
    if (spread !== undefined) this.groups.set(spread, [...this.group(spread), { node: gpu.node, kind: kindOf(gpu) }]);
  }

  take(indices: readonly number[], workload: Workload): void {
    this.change(indices, workload, -1);
    const { spread } = workload;
    const { node } = this.gpus[indices[0]!]!;
    if (spread !== undefined) {
      this.groups.set(
        spread,
        this.group(spread).filter((member) => member.node !== node),
      );
    }
  }

  private change(indices: readonly number[], { memoryMiB, share }: Workload, sign: 1 | -1): void {
    for (const index of indices) {
      this.memory[index]! -= sign * memoryMiB;
      this.parts[index]! -= sign * partsFor(share, this.gpus[index]!);
      this.workloads[index]! += sign;
    }
  }

  memoryLeft(index: number): number {
    return this.memory[index]!;
  }

  partsLeft(index: number): number {
    return this.parts[index]!;
  }

  shareLeft(index: number): number {
    return Math.round((WHOLE * this.parts[index]!) / partsOf(this.gpus[index]!)) / WHOLE;
  }

  /** Of the whole GPU, what a share takes in whole parts. */
  shareTaken(index: number, share: number): number {
    const gpu = this.gpus[index]!;
    return Math.round((WHOLE * partsFor(share, gpu)) / partsOf(gpu)) / WHOLE;
  }

  used(index: number): boolean {
    return this.workloads[index]! > 0;
  }

  get usedGpus(): number {
    return this.workloads.filter((count) => count > 0).length;
  }

  left(): Left[] {
    return this.gpus.map((gpu, index) => ({ gpu, memoryMiB: this.memoryLeft(index), share: this.shareLeft(index) }));
  }
}

function kindOf({ kind, vendor }: Gpu): string {
  return kind ?? vendor;
}

/** The GPUs after everything of a plan was put on them. */
export function roomAfter(gpus: readonly Gpu[], placed: readonly Placement[]): Room {
  const room = new Room(gpus);
  const indexOf = new Map(gpus.map(({ id }, index) => [id, index]));
  for (const { workload, gpus: own } of placed)
    room.put(
      own.map(({ id }) => indexOf.get(id)!),
      workload,
    );
  return room;
}
