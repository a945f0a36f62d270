import { type Environment, type Figures, type Resources, resources, type Size, type SizeTable } from "../../kit/sizes";

/** For what people open at one time: queries run in the stores, and Grafana passes their answers on. */
const figures: SizeTable = {
  dev: {
    small: { cpuMillicores: 50, memoryMiB: 192 },
    medium: { cpuMillicores: 100, memoryMiB: 384 },
    large: { cpuMillicores: 250, memoryMiB: 768 },
  },
  prod: {
    small: { cpuMillicores: 100, memoryMiB: 512 },
    medium: { cpuMillicores: 250, memoryMiB: 1024 },
    large: { cpuMillicores: 500, memoryMiB: 2048 },
  },
};

export function grafanaFigures(size: Size, environment: Environment): Figures {
  return figures[environment][size];
}

/** A large answer that somebody asks for must not end it in dev: there it may take twice what it asks for. */
export function grafanaResources(size: Size, environment: Environment): Resources {
  const { cpuMillicores, memoryMiB } = figures[environment][size];
  return resources(cpuMillicores, memoryMiB, environment === "dev" ? memoryMiB * 2 : memoryMiB);
}
