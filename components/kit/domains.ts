import type { Exception } from "./labels";
import type { Environment } from "./sizes";

/** What every namespace of the program is for. */
export const domains = {
  db: { purpose: "relational databases", level: "restricted", quota: "data" },
  vec: { purpose: "vector databases", level: "restricted", quota: "data" },
  "cnpg-system": { purpose: "the PostgreSQL operator", level: "restricted", quota: "operator" },
  "local-path-storage": {
    purpose: "volumes on the nodes' own disks",
    level: "privileged",
    quota: "operator",
    exception: {
      rule: "pod-security-restricted",
      reason: "helper pods make and remove the volumes' directories on the node through hostPath",
    },
  },
} as const satisfies Record<string, DomainDefinition>;

export type Domain = keyof typeof domains;

export type PodSecurityLevel = "restricted" | "baseline" | "privileged";

export interface DomainDefinition {
  readonly purpose: string;
  /** Pod Security level that is enforced. Anything below `restricted` needs an exception with its reason. */
  readonly level: PodSecurityLevel;
  readonly quota: QuotaClass;
  readonly exception?: Exception;
}

/** How much a domain may take. */
export type QuotaClass = "data" | "operator";

interface QuotaFigures {
  readonly pods: number;
  readonly cpuCores: number;
  readonly memoryGiB: number;
  readonly storageGiB: number;
}

const quotas: Record<Environment, Record<QuotaClass, QuotaFigures>> = {
  dev: {
    data: { pods: 50, cpuCores: 16, memoryGiB: 32, storageGiB: 500 },
    operator: { pods: 30, cpuCores: 4, memoryGiB: 8, storageGiB: 10 },
  },
  prod: {
    data: { pods: 200, cpuCores: 128, memoryGiB: 512, storageGiB: 10_240 },
    operator: { pods: 100, cpuCores: 16, memoryGiB: 32, storageGiB: 10 },
  },
};

/**
 * The hard limits of a domain: far above what it needs, below what would starve the cluster. No Service may cost money
 * or open a port on every node: what is exposed goes through the gateway.
 */
export function quotaFor(quota: QuotaClass, environment: Environment): Record<string, string> {
  const figures = quotas[environment][quota];
  return {
    pods: String(figures.pods),
    "requests.cpu": String(figures.cpuCores),
    "requests.memory": `${figures.memoryGiB}Gi`,
    "limits.memory": `${figures.memoryGiB * 2}Gi`,
    "requests.storage": `${figures.storageGiB}Gi`,
    "services.loadbalancers": "0",
    "services.nodeports": "0",
  };
}
