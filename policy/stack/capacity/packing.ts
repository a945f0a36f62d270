import { fits, type Load, type Wanted } from "./load";
import type { Pool } from "./pools";
import { minus, type Requests } from "./requests";

interface Node {
  pool: Pool;
  room: Requests;
}

type Order = (one: Wanted, other: Wanted) => number;

const byMemory: Order = (one, other) => other.each.memoryBytes - one.each.memoryBytes;
const byCores: Order = (one, other) => other.each.cores - one.each.cores;
/** Those with the least choice first. */
const byChoice: Order = (one, other) => one.pools.length - other.pools.length || byMemory(one, other);

/** First fit in one order; gives back what found no place, each once for every replica. */
function firstFit(wanted: readonly Wanted[], nodes: Node[], order: Order): Wanted[] {
  const left: Wanted[] = [];
  for (const group of [...wanted].sort(order)) {
    for (let replica = 0; replica < group.replicas; replica += 1) {
      const node = nodes.find(({ pool, room }) => group.pools.includes(pool) && fits(group.each, room));
      if (node === undefined) {
        // Its equals find none either.
        left.push(...Array.from({ length: group.replicas - replica }, () => group));
        break;
      }
      node.room = minus(node.room, group.each);
    }
  }
  return left;
}

/** Replicas that were to be on this machine, and on no other. */
function plannedOn(lost: Pool, { planned, pools, replicas }: Wanted): number {
  return planned && pools.includes(lost) ? Math.ceil(replicas / pools.length) : 0;
}

/**
 * What finds no place when one node of the pool is lost. Pods that could be nowhere else in any case, because the pool
 * has one node, or because they insist on machines by name, are left out: whoever says so has decided it. First fit in three orders: where one of them
 * finds a place for all, there is one.
 */
export function leftWithout(lost: Pool, { wanted, free }: Load): Wanted[] {
  const remaining = [...free].flatMap(([pool, room]): Node[] =>
    Array.from({ length: pool === lost ? pool.nodes - 1 : pool.nodes }, () => ({ pool, room })),
  );
  const there = new Set(remaining.map(({ pool }) => pool));
  const movable = wanted
    .filter(({ pools }) => pools.some((pool) => there.has(pool)))
    .map((each) => ({ ...each, replicas: each.replicas - plannedOn(lost, each) }));
  const tries = [byChoice, byMemory, byCores].map((order) =>
    firstFit(
      movable,
      remaining.map((node) => ({ ...node })),
      order,
    ),
  );
  return tries.reduce((best, next) => (next.length < best.length ? next : best));
}
