export { type CheckOptions, checkMarket, marketRules } from "./check";
export { type CostEstimate, type CostOptions, checkCostCeiling, estimateCost } from "./cost";
export { dedicatedModels } from "./dedicated";
export { architecturesOf, type WantedServer, wantedServers } from "./expand";
export { type FetchMarketArgs, fetchExistingServers, fetchMarket } from "./fetch";
export { HetznerApiError } from "./http";
export { locationsOfZone, type NetworkZone, zoneOfLocation } from "./locations";
export { priceTable } from "./table";
export type * from "./types";
