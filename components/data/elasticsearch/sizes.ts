import { type Environment, type Resources, resources, type Size } from "../../kit/sizes";

/** CPU in millicores and memory in MiB. Below 2 GiB Elasticsearch runs out of memory sooner or later. */
const figures: Record<Environment, Record<Size, readonly [number, number]>> = {
  dev: { small: [250, 2048], medium: [500, 3072], large: [1000, 4096] },
  // Half of the memory is heap, by Elasticsearch's own reckoning; the rest is the kernel's, for Lucene's files.
  prod: { small: [500, 2048], medium: [2000, 8192], large: [4000, 32_768] },
};

export function elasticsearchResources(size: Size, environment: Environment): Resources {
  const [cpuMillicores, memoryMiB] = figures[environment][size];
  return resources(cpuMillicores, memoryMiB);
}

/** Kibana 9 does not come up with less than 2 GiB. */
export function kibanaResources(environment: Environment): Resources {
  return resources(environment === "prod" ? 250 : 100, 2048);
}
