export type { Collections } from "./collections";
export { Qdrant, type QdrantArgs } from "./qdrant";
export { qdrantSignals } from "./signals";
