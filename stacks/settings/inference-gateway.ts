import type { Settings } from "./schema";

/** Gateways before the models. Several of them count limits together, in Valkey. */
export function modelGatewayReplicas({ environment, inference, services }: Settings): number {
  return inference.gateway.replicas ?? (environment === "prod" && services.valkey.enabled ? 2 : 1);
}
