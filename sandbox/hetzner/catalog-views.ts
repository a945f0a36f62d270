import {
  addOns,
  findLocation,
  includedTraffic,
  type LoadBalancerTypeEntry,
  loadBalancerTypes,
  locations,
  type ServerTypeEntry,
  serverTypes,
} from "./catalog";
import type { Sandbox } from "./records";

/** The catalog as the API shows it. Prices are decimal strings, net and gross. */

const price = (net: number) => ({
  net: net.toFixed(10),
  gross: (net * (1 + addOns.vatPercent / 100)).toFixed(10),
});

const priceIn = (location: string, monthly: number, hourly: number) => ({
  location,
  price_hourly: price(hourly),
  price_monthly: price(monthly),
  included_traffic: includedTraffic(location),
  price_per_tb_traffic: price(addOns.trafficPerTb),
});

const serverTypePrices = (type: ServerTypeEntry) =>
  Object.entries(type.prices).map(([location, { monthly, hourly }]) => priceIn(location, monthly, hourly));

const loadBalancerPrices = (type: LoadBalancerTypeEntry) =>
  locations.map(({ name }) => priceIn(name, type.monthly, type.monthly / 624));

export function serverTypeView(type: ServerTypeEntry, soldOut: Sandbox["soldOut"]) {
  return {
    id: type.id,
    name: type.name,
    description: type.name.toUpperCase(),
    category: type.category,
    cores: type.cores,
    memory: type.memory,
    disk: type.disk,
    architecture: type.architecture,
    cpu_type: type.cpu_type,
    storage_type: "local",
    deprecated: Object.keys(type.prices).every((location) => type.deprecation[location]),
    deprecation: Object.keys(type.prices).every((name) => type.deprecation[name])
      ? (Object.values(type.deprecation)[0] ?? null)
      : null,
    prices: serverTypePrices(type),
    locations: Object.keys(type.prices).map((name) => ({
      id: findLocation(name)?.id ?? 0,
      name,
      available: isAvailable(type, name, soldOut),
      recommended: false,
      deprecation: type.deprecation[name] ?? null,
    })),
  };
}

export function isRetired(type: ServerTypeEntry, location: string): boolean {
  const deprecation = type.deprecation[location];
  return deprecation !== undefined && Date.parse(deprecation.unavailable_after) < Date.now();
}

export function isAvailable(type: ServerTypeEntry, location: string, soldOut: Sandbox["soldOut"]): boolean {
  const gone = soldOut.some((entry) => entry.server_type === type.name && entry.location === location);
  return type.prices[location] !== undefined && !isRetired(type, location) && !gone;
}

export function loadBalancerTypeView(type: LoadBalancerTypeEntry) {
  const { monthly: _, ...limits } = type;
  return { ...limits, description: type.name.toUpperCase(), deprecated: null, prices: loadBalancerPrices(type) };
}

export function pricingView() {
  const perLocation = (monthly: number) =>
    locations.map(({ name }) => ({ location: name, price_monthly: price(monthly) }));
  return {
    currency: "EUR",
    vat_rate: addOns.vatPercent.toFixed(2),
    image: { price_per_gb_month: price(addOns.snapshotPerGb) },
    volume: { price_per_gb_month: price(addOns.volumePerGb) },
    server_backup: { percentage: addOns.backupPercent.toFixed(2) },
    floating_ip: { price_monthly: price(addOns.floatingIpv4) },
    floating_ips: [
      { type: "ipv4", prices: perLocation(addOns.floatingIpv4) },
      { type: "ipv6", prices: perLocation(addOns.floatingIpv6) },
    ],
    primary_ips: [
      { type: "ipv4", prices: primaryIpPrices(addOns.primaryIpv4.monthly, addOns.primaryIpv4.hourly) },
      { type: "ipv6", prices: primaryIpPrices(0, 0) },
    ],
    traffic: { price_per_tb: price(addOns.trafficPerTb) },
    server_types: serverTypes.map((type) => ({ id: type.id, name: type.name, prices: serverTypePrices(type) })),
    load_balancer_types: loadBalancerTypes.map((type) => ({
      id: type.id,
      name: type.name,
      prices: loadBalancerPrices(type),
    })),
  };
}

function primaryIpPrices(monthly: number, hourly: number) {
  return locations.map(({ name }) => ({
    location: name,
    price_hourly: price(hourly),
    price_monthly: price(monthly),
  }));
}
