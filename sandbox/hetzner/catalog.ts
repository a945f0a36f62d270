/**
 * What Hetzner sells: locations, server types, load balancer types and prices.
 *
 * Prices are EUR net of VAT, from public price lists of September and October 2026. Those lists include a public IPv4
 * (0.50 a month, 0.0008 an hour); the API bills it apart, so it is taken off here. Where only one figure was known it
 * stands for all locations; the larger load balancers' are lb11's rise applied to their old prices.
 */

export interface LocationEntry {
  id: number;
  name: string;
  description: string;
  country: string;
  city: string;
  latitude: number;
  longitude: number;
  network_zone: string;
}

export const locations: LocationEntry[] = [
  place(1, "fsn1", "Falkenstein DC Park 1", "DE", "Falkenstein", 50.47612, 12.370071, "eu-central"),
  place(2, "nbg1", "Nuremberg DC Park 1", "DE", "Nuremberg", 49.452102, 11.076665, "eu-central"),
  place(3, "hel1", "Helsinki DC Park 1", "FI", "Helsinki", 60.169855, 24.938379, "eu-central"),
  place(4, "ash", "Ashburn, VA", "US", "Ashburn, VA", 39.045821, -77.487073, "us-east"),
  place(5, "hil", "Hillsboro, OR", "US", "Hillsboro, OR", 45.54222, -122.951924, "us-west"),
  place(6, "sin", "Singapore", "SG", "Singapore", 1.283333, 103.833333, "ap-southeast"),
];

function place(
  id: number,
  name: string,
  description: string,
  country: string,
  city: string,
  latitude: number,
  longitude: number,
  network_zone: string,
): LocationEntry {
  return { id, name, description, country, city, latitude, longitude, network_zone };
}

export const networkZones = [...new Set(locations.map((location) => location.network_zone))];

const europe = ["fsn1", "nbg1", "hel1"];
const overseas = ["ash", "hil", "sin"];

export interface Deprecation {
  announced: string;
  unavailable_after: string;
}

export interface ServerTypeEntry {
  id: number;
  name: string;
  category: string;
  cores: number;
  memory: number;
  disk: number;
  architecture: "x86" | "arm";
  cpu_type: "shared" | "dedicated";
  /** EUR a month and an hour in each location where it exists, without the IPv4. */
  prices: Record<string, { monthly: number; hourly: number }>;
  deprecation: Record<string, Deprecation>;
}

const ipv4 = { monthly: 0.5, hourly: 0.0008 };
/** A month is billed as this many hours at most; the lists' hourly prices follow it. */
const hoursPerMonth = 624;

function prices(where: string[], listed: number) {
  const monthly = listed - ipv4.monthly;
  const hourly = Math.round((listed / hoursPerMonth - ipv4.hourly) * 10_000) / 10_000;
  return Object.fromEntries(where.map((location) => [location, { monthly, hourly }]));
}

/** Names, cores, GB of memory, GB of disk, listed EUR a month with an IPv4. */
type Row = [name: string, cores: number, memory: number, disk: number, listed: number];

const cx: Row[] = [
  ["cx23", 2, 4, 40, 5.99],
  ["cx33", 4, 8, 80, 8.99],
  ["cx43", 8, 16, 160, 16.49],
  ["cx53", 16, 32, 320, 29.99],
];
const cax: Row[] = [
  ["cax11", 2, 4, 40, 6.49],
  ["cax21", 4, 8, 80, 10.99],
  ["cax31", 8, 16, 160, 21.49],
  ["cax41", 16, 32, 320, 41.49],
];
const cpx: Row[] = [
  ["cpx12", 1, 2, 40, 11.99],
  ["cpx22", 2, 4, 80, 19.99],
  ["cpx32", 4, 8, 160, 35.99],
  ["cpx42", 8, 16, 320, 69.99],
  ["cpx52", 12, 24, 480, 100.99],
  ["cpx62", 16, 32, 640, 130.49],
];
const ccx: Row[] = [
  ["ccx13", 2, 8, 80, 43.49],
  ["ccx23", 4, 16, 160, 86.49],
  ["ccx33", 8, 32, 240, 138.99],
  ["ccx43", 16, 64, 360, 276.49],
  ["ccx53", 32, 128, 600, 533.99],
  ["ccx63", 48, 192, 960, 853.99],
];
const cpxOverseas: Row[] = [
  ["cpx11", 2, 2, 40, 17.99],
  ["cpx21", 3, 4, 80, 32.49],
  ["cpx31", 4, 8, 160, 62.99],
  ["cpx41", 8, 16, 240, 120.99],
  ["cpx51", 16, 32, 360, 238.49],
];
const cxPrevious: Row[] = [
  ["cx22", 2, 4, 40, 5.99],
  ["cx32", 4, 8, 80, 8.99],
  ["cx42", 8, 16, 160, 16.49],
  ["cx52", 16, 32, 320, 29.99],
];

const retired: Deprecation = {
  announced: "2025-10-16T06:00:00+00:00",
  unavailable_after: "2025-12-31T23:59:59+00:00",
};

function family(
  firstId: number,
  rows: Row[],
  kind: Pick<ServerTypeEntry, "category" | "architecture" | "cpu_type">,
  where: string[],
  retiredIn: string[] = [],
): ServerTypeEntry[] {
  return rows.map(([name, cores, memory, disk, listed], index) => ({
    id: firstId + index,
    name,
    cores,
    memory,
    disk,
    ...kind,
    prices: prices(where, listed),
    deprecation: Object.fromEntries(retiredIn.map((location) => [location, retired])),
  }));
}

const sharedX86 = { category: "Shared vCPU", architecture: "x86", cpu_type: "shared" } as const;
const costOptimized = { category: "Cost-Optimized", architecture: "x86", cpu_type: "shared" } as const;
const sharedArm = { category: "Shared vCPU", architecture: "arm", cpu_type: "shared" } as const;
const dedicatedX86 = { category: "General Purpose", architecture: "x86", cpu_type: "dedicated" } as const;

export const serverTypes: ServerTypeEntry[] = [
  ...family(22, cpxOverseas, sharedX86, [...europe, ...overseas], europe),
  ...family(45, cax, sharedArm, europe),
  ...family(96, ccx, dedicatedX86, [...europe, ...overseas]),
  ...family(104, cxPrevious, sharedX86, europe, europe),
  ...family(108, cpx, sharedX86, europe),
  ...family(114, cx, costOptimized, europe),
];

export interface LoadBalancerTypeEntry {
  id: number;
  name: string;
  max_connections: number;
  max_services: number;
  max_targets: number;
  max_assigned_certificates: number;
  monthly: number;
}

export const loadBalancerTypes: LoadBalancerTypeEntry[] = [
  lbType(1, "lb11", 10_000, 5, 25, 10, 7.49),
  lbType(2, "lb21", 20_000, 15, 75, 25, 22.79),
  lbType(3, "lb31", 50_000, 30, 200, 50, 45.72),
];

function lbType(
  id: number,
  name: string,
  max_connections: number,
  max_services: number,
  max_targets: number,
  max_assigned_certificates: number,
  monthly: number,
): LoadBalancerTypeEntry {
  return { id, name, max_connections, max_services, max_targets, max_assigned_certificates, monthly };
}

/** Add-ons, EUR a month net of VAT. */
export const addOns = {
  primaryIpv4: ipv4,
  floatingIpv4: 3,
  floatingIpv6: 1,
  snapshotPerGb: 0.0143,
  volumePerGb: 0.0572,
  trafficPerTb: 1,
  backupPercent: 20,
  vatPercent: 19,
};

const terabyte = 2 ** 40;

export function includedTraffic(location: string): number {
  return (europe.includes(location) ? 20 : 1) * terabyte;
}

export const findLocation = (idOrName: string) => byIdOrName(locations, idOrName);
export const findServerType = (idOrName: string) => byIdOrName(serverTypes, idOrName);
export const findLoadBalancerType = (idOrName: string) => byIdOrName(loadBalancerTypes, idOrName);

function byIdOrName<T extends { id: number; name: string }>(entries: T[], idOrName: string): T | undefined {
  return entries.find((entry) => entry.name === idOrName || String(entry.id) === idOrName);
}
