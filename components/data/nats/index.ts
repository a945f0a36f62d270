export type { Client } from "./client";
export { Nats, type NatsArgs } from "./nats";
export { natsSignals } from "./signals";
export type { Stream } from "./stream";
export type { StreamDefinition } from "./streams";
