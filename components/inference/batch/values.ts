import type { ChartValues } from "../../kit/chart";
import { type Identity, selectorLabels } from "../../kit/labels";
import { type Environment, resources } from "../../kit/sizes";

/** The chart's admission server: the API server calls it. */
export const WEBHOOK_PORT = 8443;

/** Where its scheduler serves metrics; no container of the chart says so. */
export const SCHEDULER_METRICS = { name: "metrics", port: 8080 } as const;

/** By this label the pods of the three parts are told apart; all have those of `owner` besides. */
export const SCHEDULER_LABEL = { app: "volcano-scheduler" } as const;

/**
 * How the scheduler works: the chart's own order, and besides, what a queue borrowed beyond its part is taken back
 * (`reclaim`), and jobs are packed on few GPUs, so that large ones find whole machines (`binpack`).
 */
const SCHEDULER = `actions: "enqueue, allocate, backfill, reclaim"
tiers:
- plugins:
  - name: priority
  - name: gang
    enablePreemptable: false
  - name: conformance
- plugins:
  - name: drf
    enablePreemptable: false
  - name: predicates
  - name: proportion
  - name: nodeorder
  - name: binpack
    arguments:
      binpack.weight: 10
      binpack.resources: nvidia.com/gpu, amd.com/gpu
      binpack.resources.nvidia.com/gpu: 8
      binpack.resources.amd.com/gpu: 8
`;

/** Values of Volcano's chart. Pods with `schedulerName: volcano` are its own; nothing else changes. */
export function volcanoValues(owner: Identity, environment: Environment): ChartValues {
  const labels = selectorLabels(owner);
  const several = environment === "prod";
  const security = {
    runAsNonRoot: true,
    runAsUser: 1000,
    // The chart adds a capability that a user who is not root has no use for.
    capabilities: { add: [], drop: ["ALL"] },
    allowPrivilegeEscalation: false,
  };
  return {
    basic: { image_pull_policy: "IfNotPresent" },
    custom: {
      scheduler_replicas: several ? 2 : 1,
      controller_replicas: several ? 2 : 1,
      admission_replicas: several ? 2 : 1,
      leader_elect_enable: several,
      scheduler_podLabels: labels,
      controller_podLabels: labels,
      admission_podLabels: labels,
      scheduler_resources: { ...resources(50, 192) },
      controller_resources: { ...resources(50, 192) },
      admission_resources: { ...resources(20, 96) },
      default_csc: security,
      scheduler_config_override: SCHEDULER,
      // Jobs and queues are looked at, pods never: their creation must not wait for a batch system.
      enabled_admissions: "/jobs/mutate,/jobs/validate,/podgroups/validate,/queues/mutate,/queues/validate",
    },
  };
}
