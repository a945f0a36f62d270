import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { claimLabels, createClaims } from "./claims";
import { createDisruptionBudget } from "./disruption-budget";
import { type Identity, labels, type Metadata, metadata, selectorLabels } from "./labels";
import { podTemplate } from "./pod";
import type { ServiceArgs } from "./service";
import { claimTemplates } from "./volumes";

export type WorkloadKind = "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob";

/** When a CronJob runs. */
export interface Schedule {
  /** Five fields, in UTC. */
  readonly cron: string;
  /** How late a run may still start, in seconds; after 100 missed ones without it, none would ever again. @default 600 */
  readonly startingDeadlineSeconds?: number;
  /** How long a run may take, in seconds. @default 3600 */
  readonly activeDeadlineSeconds?: number;
}

const DAY_SECONDS = 86_400;

/** The workload of a service in the shape that it asks for, with its ConfigMap and PodDisruptionBudget. */
export function createWorkload(
  name: string,
  identity: Identity,
  args: ServiceArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const kind = args.kind ?? "Deployment";
  const replicas = args.replicas ?? 1;
  const several = replicas > 1 && (kind === "Deployment" || kind === "StatefulSet");
  const at = { metadata: metadata(identity, { namespace: args.namespace.name }) };
  if (several) {
    createDisruptionBudget(name, { identity, namespace: args.namespace.name }, opts);
  }
  const options = pulumi.mergeOptions(opts, { dependsOn: createConfig(name, at.metadata, args, opts) });

  const selector = { matchLabels: selectorLabels(identity) };
  const restartPolicy = kind === "Job" || kind === "CronJob" ? ("OnFailure" as const) : undefined;
  const template = podTemplate({ ...args, identity, spread: several, restartPolicy });
  const rolling = { selector, template, revisionHistoryLimit: 3 };
  switch (kind) {
    case "Deployment":
      new k8s.apps.v1.Deployment(
        name,
        { ...at, spec: { replicas, ...rolling, ...rollout(args) } },
        pulumi.mergeOptions(options, deploymentOptions(args)),
      );
      return;
    case "StatefulSet":
      new k8s.apps.v1.StatefulSet(
        name,
        { ...at, spec: { replicas, ...rolling, ...stateful(name, identity, args) } },
        // Kubernetes refuses every change of the templates, and they only give the claims their names.
        pulumi.mergeOptions(options, {
          dependsOn: createWorkloadClaims(name, identity, args, opts),
          ignoreChanges: ["spec.volumeClaimTemplates"],
        }),
      );
      return;
    case "DaemonSet":
      new k8s.apps.v1.DaemonSet(name, { ...at, spec: rolling }, options);
      return;
    case "Job":
      new k8s.batch.v1.Job(name, { ...at, spec: { template, backoffLimit: 6 } }, options);
      return;
    case "CronJob":
      new k8s.batch.v1.CronJob(name, { ...at, spec: cronJobSpec(identity, template, args.schedule!) }, options);
      return;
  }
}

function createWorkloadClaims(
  name: string,
  identity: Identity,
  args: ServiceArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const volumes = args.volumes?.persistent ?? [];
  return createClaims(name, { identity, namespace: args.namespace.name, replicas: args.replicas ?? 1, volumes }, opts);
}

function createConfig(
  name: string,
  where: Metadata,
  args: ServiceArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const config = args.volumes?.config;
  return config === undefined
    ? []
    : [new k8s.core.v1.ConfigMap(name, { metadata: where, data: { ...config.files } }, opts)];
}

/** Runs never overlap. What a run leaves behind is for reading its log: the last good one, and the last bad ones. */
function cronJobSpec(identity: Identity, template: ReturnType<typeof podTemplate>, schedule: Schedule) {
  return {
    schedule: schedule.cron,
    timeZone: "Etc/UTC",
    concurrencyPolicy: "Forbid",
    startingDeadlineSeconds: schedule.startingDeadlineSeconds ?? 600,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: {
      metadata: { labels: labels(identity) },
      spec: {
        backoffLimit: 2,
        activeDeadlineSeconds: schedule.activeDeadlineSeconds ?? 3600,
        ttlSecondsAfterFinished: 7 * DAY_SECONDS,
        template,
      },
    },
  };
}

function rollout({ rollout = "surge", startMinutes }: ServiceArgs) {
  return {
    ...(rollout === "recreate" ? { strategy: { type: "Recreate" } } : {}),
    // Kubernetes' own default is the ten minutes that Pulumi waits too.
    ...(startMinutes === undefined ? {} : { progressDeadlineSeconds: startMinutes * 60 }),
  };
}

function deploymentOptions({ scaled = false, startMinutes }: ServiceArgs): pulumi.CustomResourceOptions {
  const timeout = `${startMinutes}m`;
  return {
    ...(scaled ? { ignoreChanges: ["spec.replicas"] } : {}),
    ...(startMinutes === undefined ? {} : { customTimeouts: { create: timeout, update: timeout } }),
  };
}

/** What only a StatefulSet has. */
function stateful(name: string, identity: Identity, args: ServiceArgs) {
  return {
    serviceName: `${name}-headless`,
    // Members of a cluster start together: a member that waits for its peers must not wait for them to be created.
    podManagementPolicy: "Parallel",
    volumeClaimTemplates: claimTemplates(args.volumes ?? {}, claimLabels(identity)),
    // The data outlives the workload: only a person deletes it, or the namespace's end.
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
  };
}
