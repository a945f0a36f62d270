/** Something that the operator must mend before anything is created. */
export interface Problem {
  /** Id of the rule, in kebab case; a must-fail fixture of that name shows it. */
  rule: string;
  /** Where, without `orrery:`, e.g. `pools[0].serverType`. */
  path: string;
  /** What was given. */
  value: unknown;
  /** What is wrong and why it matters, one sentence. */
  message: string;
  /** What would be accepted. */
  allowed: string;
  /** What to do. */
  fix: string;
}

export type Architecture = "x86" | "arm";

export interface Price {
  /** EUR for each hour, net of VAT. */
  hourlyEur: number;
  /** EUR for each month, net of VAT: the cap that a full month costs. */
  monthlyEur: number;
}

export interface ServerType {
  name: string;
  cores: number;
  memoryGiB: number;
  /** Local disk, in GB as Hetzner counts them. */
  diskGiB: number;
  architecture: Architecture;
  cpu: "shared" | "dedicated";
  /** Net prices by location, without the public IPv4. A location that is missing does not offer the type. */
  prices: Record<string, Price>;
  /** Whether a new server can be ordered now, by location: an indicator, Hetzner may refuse all the same. */
  available: Record<string, boolean>;
  /** By location, when the type can no longer be ordered (ISO date); empty when it is not deprecated. */
  deprecated: Record<string, string>;
}

export interface LoadBalancerType {
  name: string;
  /** Servers behind the load balancer. */
  maxTargets: number;
  maxServices: number;
  maxConnections: number;
  /** Net prices by location; one that is missing is not on record. */
  prices: Record<string, Price>;
  deprecated: boolean;
}

export type GpuVendor = "nvidia" | "amd" | "intel";

/** A dedicated server of Hetzner Robot. The API does not know them, so they come from the table in every market. */
export interface DedicatedModel {
  model: string;
  cores: number;
  memoryGiB: number;
  disks: string;
  gpu?: { vendor: GpuVendor; count: number; name: string; memoryGiB: number };
  locations: readonly string[];
  /** EUR for each month, net, with the IPv4; undefined when no price is on record. */
  monthlyEur?: number;
  /** EUR once, net; undefined when no price is on record. */
  setupEur?: number;
  /** Still sold on the table's date. */
  orderable: boolean;
}

/** What Hetzner sells, at what price, and what is in stock. */
export interface Market {
  /** api: read just now with the account's token; table: the dated table in this repository. */
  source: "api" | "table";
  /** ISO date of the prices. */
  asOf: string;
  /** Why the table is used although a token was given. */
  warning?: string;
  serverTypes: Record<string, ServerType>;
  loadBalancerTypes: Record<string, LoadBalancerType>;
  dedicatedModels: Record<string, DedicatedModel>;
  ipv4MonthlyEur: number;
  volumeGiBMonthlyEur: number;
  snapshotGiBMonthlyEur: number;
  /** Share of a server's price that its backups cost, in percent. */
  backupPercent: number;
}

/** The part of the settings that has a price: the settings fit as they are. */
export interface Demand {
  cluster: { name: string };
  controlPlane: { count: number; serverType: string; locations: readonly string[] };
  pools: readonly {
    name: string;
    count: number;
    serverType: string;
    locations: readonly string[];
    publicIpv4: boolean;
  }[];
  dedicated: readonly {
    name: string;
    model: string;
    pool: string;
    /** Of a machine of one's own. */
    hardware?: { cores: number; memoryGiB: number; diskGB: number; monthlyEur?: number };
  }[];
  kubernetesApi: { loadBalancer: { enabled: boolean; type: string } };
  gateway?: { enabled: boolean; loadBalancer: { type: string; location?: string } };
}
