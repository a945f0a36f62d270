import type { CostEstimate } from "../../components/hetzner/market";

type Row = [what: string, eur: number | undefined];

/** Everything that has a price, pools first. */
const rowsOf = (cost: CostEstimate): Row[] => [
  ...cost.pools.map(({ name, nodes, monthlyEur }): Row => [`${name} (${nodes})`, monthlyEur]),
  ["load balancers", cost.loadBalancersEur],
  ["addresses", cost.addressesEur],
  ["volumes", cost.volumesEur],
  ["snapshots", cost.snapshotsEur],
];

/** A pool is the same one whatever its size. */
const keyOf = (what: string) => what.replace(/ \(\d+\)$/, "");
const euro = (value: number | undefined) => (value === undefined ? "-" : value.toFixed(2));
const signed = (value: number) =>
  Math.abs(value) < 0.005 ? "" : `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(2)}`;

/**
 * The monthly cost as a table: what is deployed, what would be, the difference.
 * @param before the stack's `monthlyCost` output; undefined where nothing is deployed
 */
export function renderCostTable(before: CostEstimate | undefined, after: CostEstimate): string {
  const old = new Map((before ? rowsOf(before) : []).map(([what, eur]) => [keyOf(what), { what, eur }]));
  const rows = rowsOf(after).map(([what, eur]) => {
    const was = old.get(keyOf(what));
    old.delete(keyOf(what));
    return { what, was: was?.eur, eur };
  });
  for (const { what, eur } of old.values()) rows.push({ what, was: eur, eur: undefined });
  const line = (what: string, was: number | undefined, eur: number | undefined, mark = "") =>
    `| ${[what, euro(was), euro(eur), signed((eur ?? 0) - (was ?? 0))].map((cell) => (cell ? `${mark}${cell}${mark}` : "")).join(" | ")} |`;
  return [
    "| EUR a month, net of VAT | deployed | with this | difference |",
    "| --- | ---: | ---: | ---: |",
    ...rows.filter(({ was, eur }) => was || eur).map(({ what, was, eur }) => line(what, was, eur)),
    line("all", before?.totalMonthlyEur, after.totalMonthlyEur, "**"),
    ...notes(after),
  ].join("\n");
}

function notes({ source, asOf, setupEur, unpriced }: CostEstimate): string[] {
  const prices = source === "api" ? "Hetzner's API" : "the table in the repository";
  return [
    "",
    `Prices from ${prices}, as of ${asOf}.`,
    ...(setupEur > 0 ? [`Once, for dedicated machines that are not yet rented: ${euro(setupEur)} EUR.`] : []),
    ...(unpriced.length > 0
      ? [`No price is on record for ${unpriced.join(", ")}: the total is too low by these.`]
      : []),
  ];
}
