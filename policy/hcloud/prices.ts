/** What the pack knows of a server type. */
export interface ServerTypePrice {
  cores: number;
  memoryGiB: number;
  architecture: "x86" | "arm";
  /** Net, without the public IPv4. */
  monthlyEur: number;
  locations: readonly string[];
}

const europe = ["fsn1", "nbg1", "hel1"];
const america = ["ash", "hil"];

/** Name, cores, memory in GiB, EUR a month net. */
type Line = readonly [name: string, cores: number, memoryGiB: number, monthlyEur: number];

const x86: readonly Line[] = [
  ["cx23", 2, 4, 5.49],
  ["cx33", 4, 8, 8.49],
  ["cx43", 8, 16, 15.99],
  ["cx53", 16, 32, 29.49],
  ["cpx12", 1, 2, 11.49],
  ["cpx22", 2, 4, 19.49],
  ["cpx32", 4, 8, 35.49],
  ["cpx42", 8, 16, 69.49],
  ["cpx52", 12, 24, 100.49],
  ["cpx62", 16, 32, 129.99],
  ["ccx13", 2, 8, 42.99],
  ["ccx23", 4, 16, 85.99],
  ["ccx33", 8, 32, 138.49],
  ["ccx43", 16, 64, 275.99],
  ["ccx53", 32, 128, 533.49],
  ["ccx63", 48, 192, 853.49],
];

const arm: readonly Line[] = [
  ["cax11", 2, 4, 5.99],
  ["cax21", 4, 8, 10.49],
  ["cax31", 8, 16, 20.99],
  ["cax41", 16, 32, 40.99],
];

const x86America: readonly Line[] = [
  ["cpx11", 2, 2, 17.49],
  ["cpx21", 3, 4, 31.99],
  ["cpx31", 4, 8, 62.49],
  ["cpx41", 8, 16, 120.49],
  ["cpx51", 16, 32, 237.99],
];

const types = (
  lines: readonly Line[],
  architecture: ServerTypePrice["architecture"],
  locations: readonly string[],
): [string, ServerTypePrice][] =>
  lines.map(([name, cores, memoryGiB, monthlyEur]) => [
    name,
    { cores, memoryGiB, architecture, monthlyEur, locations },
  ]);

/** A dedicated machine that joins the cluster; its price includes its IPv4. */
export interface DedicatedPrice {
  cores: number;
  memoryGiB: number;
  /** Resource name of its GPUs in Kubernetes. */
  gpu?: { resource: string; count: number };
  /** undefined where no price is on record. */
  monthlyEur?: number;
}

const nvidia = { resource: "nvidia.com/gpu", count: 1 };

/** Hetzner's list prices for new orders, net of VAT, and limits, on one day. */
export const priceList = {
  /** ISO date. A test compares the list with the program's own of the same day. */
  asOf: "2026-09-29",
  serverTypes: Object.fromEntries([
    ...types(x86, "x86", europe),
    ...types(arm, "arm", europe),
    ...types(x86America, "x86", america),
  ]) as Readonly<Record<string, ServerTypePrice>>,
  dedicated: {
    GEX44: { cores: 14, memoryGiB: 64, gpu: nvidia, monthlyEur: 234 },
    GEX45: { cores: 14, memoryGiB: 64, gpu: nvidia, monthlyEur: 214 },
    GEX63: { cores: 20, memoryGiB: 128, gpu: nvidia, monthlyEur: 999 },
    GEX130: { cores: 24, memoryGiB: 128, gpu: nvidia, monthlyEur: 839.7 },
    GEX131: { cores: 24, memoryGiB: 256, gpu: nvidia, monthlyEur: 1499 },
    AX42: { cores: 8, memoryGiB: 64 },
    AX102: { cores: 16, memoryGiB: 128 },
    AX162: { cores: 48, memoryGiB: 256 },
    EX44: { cores: 14, memoryGiB: 64 },
  } as Readonly<Record<string, DedicatedPrice>>,
  loadBalancers: {
    lb11: { monthlyEur: 7.49, targets: 25, services: 5 },
    lb21: { monthlyEur: undefined, targets: 75, services: 10 },
    lb31: { monthlyEur: undefined, targets: 200, services: 25 },
  } as Readonly<Record<string, { monthlyEur: number | undefined; targets: number; services: number }>>,
  ipv4MonthlyEur: 0.5,
  volumeGiBMonthlyEur: 0.0572,
  /** Share of a server's price that its backups cost. */
  backupPercent: 20,
};

/** Generations that new servers cannot be ordered of: cx and ccx that end in 1 or 2. */
export const withdrawn = /^c?cx\d[12]$/;

/** The network zone of each location: a private network cannot leave its zone. */
export const zoneOfLocation: Readonly<Record<string, string>> = {
  fsn1: "eu-central",
  nbg1: "eu-central",
  hel1: "eu-central",
  ash: "us-east",
  hil: "us-west",
  sin: "ap-southeast",
};
