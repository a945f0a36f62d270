export type { Collections } from "./collections";
export { Milvus, type MilvusArgs } from "./milvus";
export { ALLOWED_PREFIX, prefixProblem } from "./names";
export { milvusSignals } from "./signals";
