/** What kind of environment this is; it decides replicas and sizes where the settings leave them open. */
export type Environment = "dev" | "prod";

/** T-shirt sizes of the settings. */
export type Size = "small" | "medium" | "large";

/** `data`: memory limit equals the request, so that a database is never the pod that a full node kills. */
export type Kind = "data" | "stateless";

export interface Resources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  /** Memory, and devices by the names under which nodes offer them. No CPU limit: it throttles and protects nobody. */
  readonly limits: { readonly memory: string; readonly [device: string]: string };
}

/** What a part asks for. */
export interface Figures {
  readonly cpuMillicores: number;
  readonly memoryMiB: number;
}

/** Figures of software that has its own for each size. */
export type SizeTable = Readonly<Record<Environment, Readonly<Record<Size, Figures>>>>;

const figures: SizeTable = {
  dev: {
    small: { cpuMillicores: 250, memoryMiB: 512 },
    medium: { cpuMillicores: 500, memoryMiB: 1024 },
    large: { cpuMillicores: 1000, memoryMiB: 2048 },
  },
  prod: {
    small: { cpuMillicores: 500, memoryMiB: 1024 },
    medium: { cpuMillicores: 2000, memoryMiB: 4096 },
    large: { cpuMillicores: 4000, memoryMiB: 16384 },
  },
};

/** Memory of a size in MiB, for software that wants to be told. */
export function memoryMiB(size: Size, environment: Environment): number {
  return figures[environment][size].memoryMiB;
}

/** Requests and memory limit of a size. */
export function resourcesFor(size: Size, environment: Environment, kind: Kind): Resources {
  const { cpuMillicores, memoryMiB: memory } = figures[environment][size];
  return resources(cpuMillicores, memory, kind === "data" ? memory : memory * 2);
}

/** Requests and memory limit from figures, for parts that have a size of their own. */
export function resources(cpuMillicores: number, memoryMiB: number, memoryLimitMiB: number = memoryMiB): Resources {
  return {
    requests: { cpu: `${cpuMillicores}m`, memory: `${memoryMiB}Mi` },
    limits: { memory: `${memoryLimitMiB}Mi` },
  };
}
