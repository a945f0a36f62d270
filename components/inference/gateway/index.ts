export { ModelGateway, type ModelGatewayArgs, type SharedCounters } from "./gateway";
export { GATEWAY_NAME, GATEWAY_PORT, usualLimits } from "./names";
export { type ModelAccess, ModelRegistry } from "./registry";
