/** Users of the servers' own, which no cache may have. */
export const OWN_PREFIX = "orrery-";
const RESERVED = ["default"];

/** What is wrong with the name of a cache, which is also its user's and what its keys begin with. */
export function cacheNameProblem(name: string): string | undefined {
  if (RESERVED.includes(name)) return "the user of this name is Valkey's own, and switched off";
  if (name.startsWith(OWN_PREFIX)) return `names that begin with ${OWN_PREFIX} are the servers' own users`;
  return /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)
    ? undefined
    : "allowed are lower-case letters, digits and hyphens, a letter first, no hyphen at the end, at most 40 characters";
}

/** What Valkey does with a full memory. */
export const evictions = [
  "noeviction",
  "allkeys-lru",
  "allkeys-lfu",
  "volatile-lru",
  "volatile-lfu",
  "volatile-ttl",
] as const;

export type Eviction = (typeof evictions)[number];
