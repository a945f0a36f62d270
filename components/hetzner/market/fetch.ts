import { dedicatedModels } from "./dedicated";
import { type HetznerApi, HetznerApiError, readAll, readOne, UnreachableError } from "./http";
import { LoadBalancerTypePage, Pricing, ServerPage, ServerTypePage } from "./responses";
import { priceTable } from "./table";
import type { LoadBalancerType, Market, Price, ServerType } from "./types";

export interface FetchMarketArgs {
  /** Base address of the API, e.g. `https://api.hetzner.cloud/v1`. */
  endpoint: string;
  /**
   * The account's token.
   * @default - none: the table is used and nothing is asked
   */
  token?: string;
  /**
   * Longest wait for one answer, in milliseconds.
   * @default 10000
   */
  timeoutMs?: number;
}

/**
 * Prices and stock from Hetzner's API, or from the table without a token. An API that cannot be reached falls back to
 * the table with a warning; one that answers and refuses is an error, because the `up` would fail on it later.
 */
export async function fetchMarket({ endpoint, token, timeoutMs = 10_000 }: FetchMarketArgs): Promise<Market> {
  if (token === undefined || token === "") return priceTable;
  const api: HetznerApi = { endpoint, token, timeoutMs };
  try {
    const [{ pricing }, serverTypes, loadBalancerTypes] = await Promise.all([
      readOne(api, "/pricing", Pricing),
      readAll(api, "/server_types", ServerTypePage, ({ server_types }) => server_types),
      readAll(api, "/load_balancer_types", LoadBalancerTypePage, ({ load_balancer_types }) => load_balancer_types),
    ]);
    if (pricing.currency !== "EUR") {
      throw new HetznerApiError(`Hetzner's prices for this account are in ${pricing.currency}, not in EUR.`);
    }
    return {
      source: "api",
      asOf: new Date().toISOString().slice(0, 10),
      serverTypes: byName(serverTypes.map(toServerType)),
      loadBalancerTypes: byName(loadBalancerTypes.map(toLoadBalancerType)),
      dedicatedModels,
      ipv4MonthlyEur: ipv4Price(pricing),
      volumeGiBMonthlyEur: pricing.volume.price_per_gb_month.net,
      snapshotGiBMonthlyEur: pricing.image.price_per_gb_month.net,
      backupPercent: pricing.server_backup.percentage,
    };
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    const warning = `${error.message} Prices and stock are from the table of ${priceTable.asOf}.`;
    return { ...priceTable, warning };
  }
}

/** Types by name of the cluster's servers that are there, for `checkMarket`. None without a token or without an answer. */
export async function fetchExistingServers(args: FetchMarketArgs & { cluster: string }): Promise<Map<string, string>> {
  const { endpoint, token, timeoutMs = 10_000, cluster } = args;
  if (token === undefined || token === "") return new Map();
  const selector = encodeURIComponent(`orrery.dev/cluster=${cluster}`);
  try {
    const servers = await readAll(
      { endpoint, token, timeoutMs },
      `/servers?label_selector=${selector}`,
      ServerPage,
      (page) => page.servers,
    );
    return new Map(servers.map(({ name, server_type }) => [name, server_type.name]));
  } catch (error) {
    if (error instanceof UnreachableError) return new Map();
    throw error;
  }
}

type ApiServerType = ServerTypePage["server_types"][number];
type ApiLoadBalancerType = LoadBalancerTypePage["load_balancer_types"][number];
type ApiPrice = ApiServerType["prices"][number];

function toServerType(type: ApiServerType): ServerType {
  const everywhere = type.deprecation?.unavailable_after;
  const gone = type.locations.flatMap(({ name, deprecation }): [string, string][] => {
    const after = deprecation?.unavailable_after ?? everywhere;
    return after === undefined ? [] : [[name, after.slice(0, 10)]];
  });
  return {
    name: type.name,
    cores: type.cores,
    memoryGiB: type.memory,
    diskGiB: type.disk,
    architecture: type.architecture,
    cpu: type.cpu_type,
    prices: toPrices(type.prices),
    available: Object.fromEntries(type.locations.map(({ name, available }) => [name, available])),
    deprecated: Object.fromEntries(gone),
  };
}

function toLoadBalancerType(type: ApiLoadBalancerType): LoadBalancerType {
  return {
    name: type.name,
    maxTargets: type.max_targets,
    maxServices: type.max_services,
    maxConnections: type.max_connections,
    prices: toPrices(type.prices),
    deprecated: type.deprecated !== null,
  };
}

function toPrices(prices: ApiPrice[]): Record<string, Price> {
  return Object.fromEntries(
    prices.map(({ location, price_hourly, price_monthly }) => [
      location,
      { hourlyEur: price_hourly.net, monthlyEur: price_monthly.net },
    ]),
  );
}

/** The dearest location's price, should they differ. */
function ipv4Price({ primary_ips }: Pricing["pricing"]): number {
  const prices = primary_ips.filter(({ type }) => type === "ipv4").flatMap((ip) => ip.prices);
  return Math.max(0, ...prices.map(({ price_monthly }) => price_monthly.net));
}

function byName<T extends { name: string }>(entries: T[]): Record<string, T> {
  return Object.fromEntries(entries.map((entry) => [entry.name, entry]));
}
