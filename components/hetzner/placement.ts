/** Hetzner's limit for a placement group of type `spread`. */
export const SERVERS_PER_SPREAD_GROUP = 10;

/** In which spread group (from 0) each of `count` servers is. Growth moves nobody. */
export function spreadGroups(count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor(index / SERVERS_PER_SPREAD_GROUP));
}

/** `<cluster>-<pool>-<g>`: name of a pool's spread group number `group` (from 0). */
export function placementGroupName(cluster: string, pool: string, group: number): string {
  return `${cluster}-${pool}-${group + 1}`;
}
