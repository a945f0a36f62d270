import { type Environment, type Resources, resources, type Size } from "../../kit/sizes";

/** Parts of a Milvus cluster; in dev one process is all of them. */
export const clusterParts = ["proxy", "mixCoord", "queryNode", "dataNode", "streamingNode"] as const;
export type ClusterPart = (typeof clusterParts)[number];
export type MilvusPart = ClusterPart | "standalone";

/** CPU millicores and memory in MiB. */
type Figures = readonly [number, number];

/** The query nodes hold what is searched; the documentation asks for 2 GiB at least of a process that does all. */
const figures: Readonly<Record<MilvusPart, Readonly<Record<Size, Figures>>>> = {
  standalone: { small: [500, 2048], medium: [1000, 4096], large: [2000, 8192] },
  proxy: { small: [250, 1024], medium: [500, 2048], large: [1000, 4096] },
  mixCoord: { small: [250, 1024], medium: [500, 2048], large: [1000, 4096] },
  queryNode: { small: [500, 2048], medium: [2000, 8192], large: [4000, 32768] },
  dataNode: { small: [500, 2048], medium: [1000, 4096], large: [2000, 8192] },
  streamingNode: { small: [500, 2048], medium: [1000, 4096], large: [2000, 8192] },
};

/** Requests, and a memory limit that equals the request. */
export function milvusResources(part: MilvusPart, size: Size): Resources {
  return resources(...figures[part][size]);
}

export function etcdResources(environment: Environment): Resources {
  return environment === "prod" ? resources(250, 1024) : resources(100, 512);
}
