export { type GatewayTrust, probeConfig } from "./modules";
export { type GatewayFacts, Probes, type ProbesArgs } from "./probes";
export type { ProbeTarget } from "./targets";
