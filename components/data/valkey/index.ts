export type { Cache } from "./cache";
export { valkeySignals } from "./signals";
export { Valkey, type ValkeyArgs } from "./valkey";
