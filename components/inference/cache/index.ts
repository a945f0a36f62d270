export { ModelCaches, type ModelCachesArgs } from "./model-cache";
export { cacheKind, type PlannedCache, planCaches } from "./plan";
export type { ModelCache, ModelFiles } from "./types";
