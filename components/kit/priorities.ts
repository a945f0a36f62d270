import { type Domain, domains, type QuotaClass } from "./domains";

/** PriorityClasses of the program, from what must run to what may wait. Made by components/platform/safety. */
export const priorities = {
  /** Operators, gateway, identity: without them nothing else can be repaired. */
  platform: { name: "orrery-platform", value: 1_000_000 },
  /** Databases, brokers, object store. */
  data: { name: "orrery-data", value: 500_000 },
  /** Everything that says nothing: the cluster's default. */
  service: { name: "orrery-service", value: 1_000 },
  /** Jobs that may wait, and are evicted first. They never evict others. */
  batch: { name: "orrery-batch", value: -1_000 },
} as const;

export type PriorityName = keyof typeof priorities;

const byQuota: Readonly<Record<QuotaClass, PriorityName>> = {
  agents: "platform",
  data: "data",
  gateway: "platform",
  operator: "platform",
  service: "service",
};

/** Domains that their quota says the wrong thing about. */
const own: Partial<Record<Domain, PriorityName>> = {
  auth: "platform",
  // Large, but nothing that others keep their data in.
  ai: "service",
  ml: "service",
  mlops: "service",
};

/** The PriorityClass of what runs in a domain and says nothing else. */
export function priorityClassOf(domain: string): string {
  const name = isDomain(domain) ? (own[domain] ?? byQuota[domains[domain].quota]) : "service";
  return priorities[name].name;
}

function isDomain(name: string): name is Domain {
  return Object.hasOwn(domains, name);
}
