import { dedicatedModels } from "./dedicated";
import { locationsOfZone } from "./locations";
import type { Architecture, LoadBalancerType, Market, Price, ServerType } from "./types";

const ipv4MonthlyEur = 0.5;

/** Hetzner's hourly price is the month's divided by 26 days, to four places. */
const hoursOfPricedMonth = 624;

interface Line {
  /** Name, cores, memory in GiB, disk in GB, EUR a month with the public IPv4: as the list is published. */
  types: [string, number, number, number, number][];
  architecture: Architecture;
  cpu: "shared" | "dedicated";
  locations: string[];
  /** Whether the site offered them on the table's date. */
  available: boolean;
}

const europe = locationsOfZone("eu-central");

const lines: Line[] = [
  {
    types: [
      ["cx23", 2, 4, 40, 5.99],
      ["cx33", 4, 8, 80, 8.99],
      ["cx43", 8, 16, 160, 16.49],
      ["cx53", 16, 32, 320, 29.99],
    ],
    architecture: "x86",
    cpu: "shared",
    locations: europe,
    available: false,
  },
  {
    types: [
      ["cax11", 2, 4, 40, 6.49],
      ["cax21", 4, 8, 80, 10.99],
      ["cax31", 8, 16, 160, 21.49],
      ["cax41", 16, 32, 320, 41.49],
    ],
    architecture: "arm",
    cpu: "shared",
    locations: europe,
    available: false,
  },
  {
    types: [
      ["cpx12", 1, 2, 40, 11.99],
      ["cpx22", 2, 4, 80, 19.99],
      ["cpx32", 4, 8, 160, 35.99],
      ["cpx42", 8, 16, 320, 69.99],
      ["cpx52", 12, 24, 480, 100.99],
      ["cpx62", 16, 32, 640, 130.49],
    ],
    architecture: "x86",
    cpu: "shared",
    locations: europe,
    available: true,
  },
  {
    types: [
      ["ccx13", 2, 8, 80, 43.49],
      ["ccx23", 4, 16, 160, 86.49],
      ["ccx33", 8, 32, 240, 138.99],
      ["ccx43", 16, 64, 360, 276.49],
      ["ccx53", 32, 128, 600, 533.99],
      ["ccx63", 48, 192, 960, 853.99],
    ],
    architecture: "x86",
    cpu: "dedicated",
    locations: europe,
    available: true,
  },
  {
    types: [
      ["cpx11", 2, 2, 40, 17.99],
      ["cpx21", 3, 4, 80, 32.49],
      ["cpx31", 4, 8, 160, 62.99],
      ["cpx41", 8, 16, 240, 120.99],
      ["cpx51", 16, 32, 360, 238.49],
    ],
    architecture: "x86",
    cpu: "shared",
    locations: [...locationsOfZone("us-east"), ...locationsOfZone("us-west")],
    available: true,
  },
];

function price(monthlyWithIpv4: number): Price {
  const monthlyEur = Math.round((monthlyWithIpv4 - ipv4MonthlyEur) * 100) / 100;
  return { monthlyEur, hourlyEur: Math.round((monthlyEur / hoursOfPricedMonth) * 10_000) / 10_000 };
}

function serverTypes(): Record<string, ServerType> {
  const entries = lines.flatMap(({ types, architecture, cpu, locations, available }) =>
    types.map(([name, cores, memoryGiB, diskGiB, monthly]): [string, ServerType] => [
      name,
      {
        name,
        cores,
        memoryGiB,
        diskGiB,
        architecture,
        cpu,
        prices: Object.fromEntries(locations.map((location) => [location, price(monthly)])),
        available: Object.fromEntries(locations.map((location) => [location, available])),
        deprecated: {},
      },
    ]),
  );
  return Object.fromEntries(entries);
}

/** Limits as published; where two figures are in circulation, the smaller. Only lb11's price is on record. */
const loadBalancerTypes: Record<string, LoadBalancerType> = {
  lb11: {
    name: "lb11",
    maxTargets: 25,
    maxServices: 5,
    maxConnections: 10_000,
    prices: Object.fromEntries(europe.map((location) => [location, { monthlyEur: 7.49, hourlyEur: 0.012 }])),
    deprecated: false,
  },
  lb21: { name: "lb21", maxTargets: 75, maxServices: 10, maxConnections: 20_000, prices: {}, deprecated: false },
  lb31: { name: "lb31", maxTargets: 200, maxServices: 25, maxConnections: 50_000, prices: {}, deprecated: false },
};

/**
 * What Hetzner asked for new orders on the date in `asOf`, in EUR net: for previews without a token. Prices change, and
 * stock changes by the hour: with a token the API is asked instead.
 */
export const priceTable: Market = {
  source: "table",
  asOf: "2026-09-29",
  serverTypes: serverTypes(),
  loadBalancerTypes,
  dedicatedModels,
  ipv4MonthlyEur,
  volumeGiBMonthlyEur: 0.0572,
  snapshotGiBMonthlyEur: 0.0143,
  backupPercent: 20,
};
