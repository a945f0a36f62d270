/** Hetzner's limit for a placement group of type `spread`. */
export const SERVERS_PER_SPREAD_GROUP = 10;

/** How many spread groups `count` servers need, and in which (from 0) each server is. Growth moves nobody. */
export function spreadGroups(count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor(index / SERVERS_PER_SPREAD_GROUP));
}

/** `<cluster>-<pool>-<g>`: the spread group of a pool's server number `index`. */
export function placementGroupName(cluster: string, pool: string, index: number): string {
  return `${cluster}-${pool}-${Math.floor(index / SERVERS_PER_SPREAD_GROUP) + 1}`;
}
