import type { Placements } from "../../components/inference/plan/placements";
import type { OperationReport, Violation } from "../engine/events";
import { resourceName } from "../engine/events";
import type { ClusterView, PoolUsage } from "./cluster-view";

/** The one object that `--json` prints, and what the tables are made from. */
export interface Summary {
  stack: string;
  phases: { name: string; seconds: number }[];
  resources: { create: number; update: number; same: number; delete: number };
  nodes: number;
  pods: number;
  /** Pods that found no node, each with the scheduler's reason; must be empty. */
  unschedulable: { pod: string; reason: string }[];
  pools: (PoolUsage & { monthlyEur: number })[];
  monthlyEur: number;
  policies: { mandatory: number; advisory: number; violations: Violation[] };
  /** What was not the real thing, in words. */
  standIns: string[];
  /** Which model runs where, and what does not. @default - there are no model services */
  models?: Pick<Placements, "services" | "leftOut">;
}

/** The stack's `monthlyCost` output. */
export interface MonthlyCost {
  pools: { name: string; nodes: number; monthlyEur: number }[];
  totalMonthlyEur: number;
  source: string;
}

export interface SummaryInput {
  stack: string;
  phases: { name: string; milliseconds: number }[];
  report: OperationReport;
  cluster: ClusterView;
  cost: MonthlyCost;
  /** How many policies of each level were enforced. */
  policies: { mandatory: number; advisory: number };
  violations: Violation[];
  standIns: string[];
  /** Of the stack's `inference` output. @default - models are off */
  models?: Placements | undefined;
}

const round = (value: number, digits = 2) => Number(value.toFixed(digits));

export const phaseInSeconds = ({ name, milliseconds }: { name: string; milliseconds: number }) => ({
  name,
  seconds: round(milliseconds / 1000, 1),
});

export function summarise(input: SummaryInput): Summary {
  const { report, cluster, cost } = input;
  const { services = {}, leftOut = {} } = input.models ?? {};
  const hasModels = Object.keys(services).length + Object.keys(leftOut).length > 0;
  const price = new Map(cost.pools.map((pool) => [pool.name, pool.monthlyEur]));
  return {
    stack: input.stack,
    phases: input.phases.map(phaseInSeconds),
    resources: {
      create: report.create + report.replace,
      update: report.update,
      same: report.same,
      delete: report.delete + report.replace,
    },
    nodes: cluster.nodes,
    pods: cluster.pods,
    unschedulable: cluster.unschedulable,
    pools: cluster.pools.map((pool) => ({
      ...pool,
      cpu: { requested: round(pool.cpu.requested), allocatable: round(pool.cpu.allocatable) },
      memoryGiB: { requested: round(pool.memoryGiB.requested), allocatable: round(pool.memoryGiB.allocatable) },
      monthlyEur: price.get(pool.name) ?? 0,
    })),
    monthlyEur: round(cost.totalMonthlyEur),
    policies: { ...input.policies, violations: input.violations },
    standIns: input.standIns,
    ...(hasModels ? { models: { services, leftOut } } : {}),
  };
}

/** Columns aligned, numbers to the right. */
export function table(header: string[], rows: (string | number)[][]): string {
  const cells = [header, ...rows.map((row) => row.map(String))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? "").length)));
  const numeric = header.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^[\d.,%/ –-]*$/.test(String(row[column] ?? ""))),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => (numeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `  ${line}`)
    .join("\n");
}

const usage = ({ requested, allocatable }: { requested: number; allocatable: number }, digits = 1) =>
  allocatable === 0 ? "-" : `${round(requested, digits)} / ${round(allocatable, digits)}`;

/** The summary as an operator reads it. */
export function renderSummary(summary: Summary, costSource: string): string {
  const { resources, policies } = summary;
  const changes = resources.create + resources.update + resources.delete;
  const lines = [
    changes === 0
      ? `${summary.stack}: no changes (${resources.same} resources)`
      : `${summary.stack}: ${resources.create} created, ${resources.update} updated, ${resources.delete} deleted, ${resources.same} unchanged`,
    "",
    `${summary.nodes} nodes, ${summary.pods} pods, ${summary.unschedulable.length} unschedulable`,
    ...summary.unschedulable.map(({ pod, reason }) => `  ! ${pod}: ${reason}`),
    "",
    table(
      ["pool", "nodes", "CPU req/alloc", "memory GiB req/alloc", "GPUs", "EUR/month"],
      summary.pools.map((pool) => [
        pool.name,
        pool.nodes,
        usage(pool.cpu),
        usage(pool.memoryGiB),
        usage(pool.gpus, 2),
        pool.monthlyEur.toFixed(2),
      ]),
    ),
    ...renderModels(summary.models),
    "",
    costLine(summary.monthlyEur, costSource),
    `policies: ${policies.mandatory} mandatory and ${policies.advisory} advisory rules, ${policies.violations.length} violations`,
    ...renderViolations(policies.violations),
    ...(summary.standIns.length > 0 ? ["stood in for:", ...summary.standIns.map((standIn) => `  - ${standIn}`)] : []),
    "",
    table(
      ["phase", "seconds"],
      summary.phases.map((phase) => [phase.name, phase.seconds.toFixed(1)]),
    ),
  ];
  return lines.join("\n");
}

/** Which model runs where. */
function renderModels(models: Summary["models"]): string[] {
  if (models === undefined) return [];
  const rows = Object.entries(models.services).map(([name, { model, server, machines, on, share, needGiB }]) => [
    name,
    model,
    server,
    machines.length === 0 ? on : `${machines.join(", ")} (${on})`,
    share === undefined ? "-" : share,
    needGiB === undefined ? "-" : needGiB,
  ]);
  return [
    "",
    table(["model service", "model", "server", "where", "share", "GPU GiB"], rows),
    ...Object.entries(models.leftOut).map(([name, reasons]) => `  ! ${name} is left out: ${reasons.join(" ")}`),
  ];
}

/** The cost of each pool and of all, where there is no cluster to measure yet. */
export function renderCost({ pools, totalMonthlyEur, source }: MonthlyCost): string[] {
  const rows = pools.map(({ name, nodes, monthlyEur }) => [name, nodes, monthlyEur.toFixed(2)]);
  return [table(["pool", "nodes", "EUR/month"], rows), "", costLine(totalMonthlyEur, source)];
}

const costLine = (monthlyEur: number, source: string) =>
  `${monthlyEur.toFixed(2)} EUR a month, net of VAT, all included (prices: ${source})`;

export function renderViolations(violations: Violation[]): string[] {
  return violations.map(
    ({ level, policy, resource, message }) =>
      `  ! ${level} ${policy}${resource ? ` on ${resourceName(resource)}` : ""}: ${message.replaceAll("\n", "\n    ")}`,
  );
}
