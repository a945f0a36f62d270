import type { Props, StackRule, StackView } from "../../framework/rule";
import { LOAD_BALANCER, labelKeys, labelOf, PRIMARY_IP, SERVER, VOLUME } from "../../hcloud/objects";
import { priceList } from "../../hcloud/prices";
import { bytes } from "../../kubernetes/quantity";
import { modelOf } from "../model/model";
import { claimsOf, classOf } from "../storage/claims";
import { ofType } from "./resources";

/** What a stack costs in a month, in EUR net. */
export interface MonthlyCost {
  totalEur: number;
  pools: Map<string, number>;
  /** What has no price on the list. */
  unpriced: string[];
}

const GiB = 2 ** 30;

function serverEur(props: Props): number | undefined {
  const price = priceList.serverTypes[String(props.serverType)]?.monthlyEur;
  return price === undefined ? undefined : price * (props.backups === true ? 1 + priceList.backupPercent / 100 : 1);
}

function addServers(stack: StackView, cost: MonthlyCost): void {
  const hasAddresses = ofType(stack, PRIMARY_IP).length > 0;
  for (const subject of ofType(stack, SERVER)) {
    const read = stack.read(subject, (props) => ({
      pool: labelOf(props, labelKeys.pool) ?? "servers",
      type: String(props.serverType),
      eur: serverEur(props),
      // A primary address of the stack's own is counted as that.
      ipv4: !hasAddresses && ((props.publicNets ?? [{}]) as Props[]).some((net) => net.ipv4Enabled !== false),
    }));
    if (read === undefined) continue;
    if (read.eur === undefined) cost.unpriced.push(`server type ${read.type}`);
    const eur = (read.eur ?? 0) + (read.ipv4 ? priceList.ipv4MonthlyEur : 0);
    cost.pools.set(read.pool, (cost.pools.get(read.pool) ?? 0) + eur);
  }
}

/** Dedicated machines, which only the cluster component of this repository shows. */
function addDedicated(stack: StackView, cost: MonthlyCost): void {
  for (const subject of ofType(stack, "orrery:talos:Cluster")) {
    const nodes = stack.read(subject, (props) =>
      ((props.nodes ?? []) as Props[]).map(({ pool, type, name, hardware }) => ({ pool, type, name, hardware })),
    );
    for (const { pool, type, name, hardware } of nodes ?? []) {
      // One's own machines say what they cost, if they do.
      if (hardware === undefined && !Object.hasOwn(priceList.dedicated, type)) continue;
      const eur = hardware === undefined ? priceList.dedicated[type]?.monthlyEur : hardware.monthlyEur;
      if (eur === undefined) cost.unpriced.push(`dedicated machine ${hardware === undefined ? type : name}`);
      cost.pools.set(pool, (cost.pools.get(pool) ?? 0) + (eur ?? 0));
    }
  }
}

function loadBalancersEur(stack: StackView, cost: MonthlyCost): number {
  return ofType(stack, LOAD_BALANCER).reduce((sum, subject) => {
    const type = stack.read(subject, (props) => String(props.loadBalancerType)) ?? "";
    const eur = priceList.loadBalancers[type]?.monthlyEur;
    if (eur === undefined && type !== "") cost.unpriced.push(`load balancer type ${type}`);
    return sum + (eur ?? 0);
  }, 0);
}

function volumesGiB(stack: StackView): number {
  const own = ofType(stack, VOLUME).reduce(
    (sum, subject) => sum + (stack.read(subject, (props) => Number(props.size ?? 0)) ?? 0),
    0,
  );
  const model = modelOf(stack);
  const claimed = claimsOf(model, stack)
    .filter((claim) => {
      const storageClass = classOf(claim, model, stack);
      return (
        storageClass !== undefined &&
        stack.read(storageClass.subject, (props) => props.provisioner) === "csi.hetzner.cloud"
      );
    })
    .reduce((sum, { spec, count }) => sum + count * Math.ceil(bytes(spec.storage ?? 0) / GiB), 0);
  return own + claimed;
}

/** What the stack costs by the pack's list; what is not known yet is not counted, and listed. */
export function monthlyCostOf(stack: StackView): MonthlyCost {
  const cost: MonthlyCost = { totalEur: 0, pools: new Map(), unpriced: [] };
  addServers(stack, cost);
  addDedicated(stack, cost);
  const others =
    loadBalancersEur(stack, cost) +
    volumesGiB(stack) * priceList.volumeGiBMonthlyEur +
    ofType(stack, PRIMARY_IP).filter((subject) => stack.read(subject, (props) => props.type !== "ipv6") === true)
      .length *
      priceList.ipv4MonthlyEur;
  cost.totalEur = [...cost.pools.values()].reduce((sum, eur) => sum + eur, others);
  return cost;
}

const euros = (value: number) => value.toFixed(2);

export const monthlyCost: StackRule = {
  name: "monthly-cost",
  description:
    `The stack costs no more than its ceilings, by Hetzner's list of ${priceList.asOf}, net: servers, dedicated machines, ` +
    "load balancers, addresses, volumes. With a ceiling, what has no price on the list is a violation.",
  severity: "medium",
  level: "mandatory",
  remediation: "Take fewer or smaller servers, or raise the ceiling in the same change, where a reviewer sees it.",
  config: {
    properties: {
      monthlyCeilingEur: { type: "number", minimum: 0, default: 0, description: "Ceiling of the stack; 0 is none." },
      pools: {
        type: "object",
        additionalProperties: { type: "number" },
        default: {},
        description: "Ceilings of single pools, in EUR a month, by the pool's name.",
      },
    },
  },
  check: (stack, { monthlyCeilingEur = 0, pools = {} }) => {
    const ceilings = pools as Record<string, number>;
    if (monthlyCeilingEur === 0 && Object.keys(ceilings).length === 0) return [];
    const cost = monthlyCostOf(stack);
    return [
      ...(monthlyCeilingEur > 0 && cost.totalEur > monthlyCeilingEur
        ? [`it costs EUR ${euros(cost.totalEur)} a month, and the ceiling is ${euros(monthlyCeilingEur)}`]
        : []),
      ...Object.entries(ceilings)
        .filter(([pool, ceiling]) => (cost.pools.get(pool) ?? 0) > ceiling)
        .map(
          ([pool, ceiling]) =>
            `pool ${pool} costs EUR ${euros(cost.pools.get(pool) ?? 0)} a month, and its ceiling is ${euros(ceiling)}`,
        ),
      ...[...new Set(cost.unpriced)].map((what) => `${what} has no price on the list`),
    ].map((message) => ({ message }));
  },
};
