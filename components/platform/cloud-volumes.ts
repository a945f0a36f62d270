import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { Chart, type ChartSource, type ChartValues } from "../kit/chart";
import { charts } from "../kit/charts";
import { chartIdentity, chartPods, type Identity, metadata } from "../kit/labels";
import { type Environment, resources } from "../kit/sizes";
import type { Telemetry } from "../kit/telemetry";
import { HCLOUD_SECRET } from "./cloud-controller";
import { DEFAULT_CLASS_ANNOTATION, RECLAIM_POLICY, storageClassOptions } from "./storage";

export interface CloudVolumesArgs {
  readonly charts: ChartSource;
  readonly environment: Environment;
  /** Base URL of the Hetzner Cloud API. @default - Hetzner's own */
  readonly endpoint?: string;
  /** Class of claims that name none. @default true */
  readonly isDefault?: boolean;
  /** Where it says what it serves. @default - nobody listens */
  readonly telemetry?: Telemetry;
}

/** As StorageClasses and volumes name the driver. */
export const HCLOUD_PROVISIONER = "csi.hetzner.cloud";

const NAMESPACE = "kube-system";
/** The chart's own. */
const METRICS_PORT = 9189;

/** Hetzner Cloud volumes: replicated by Hetzner, at most 16 for each server, cloud servers only. */
export class CloudVolumes extends Component {
  readonly storageClass = "hcloud";

  constructor(name: string, args: CloudVolumesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:CloudVolumes", name, opts);

    const driver = new Chart(
      name,
      { chart: charts.cloudVolumes, source: args.charts, namespace: NAMESPACE, values: cloudVolumesValues(args) },
      this.child(),
    );
    createStorageClass(`${name}-class`, this.storageClass, args, this.child({ dependsOn: [driver] }));

    args.telemetry?.metrics({
      identity: chartIdentity(charts.cloudVolumes, { instance: name, component: "storage", domain: "platform" }),
      // The controllers, and the driver on each node.
      pods: chartPods(charts.cloudVolumes, name, NAMESPACE),
      port: { name: "metrics", port: METRICS_PORT },
    });
    this.registerOutputs({ storageClass: this.storageClass });
  }
}

function createStorageClass(
  name: string,
  className: string,
  args: CloudVolumesArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const identity: Identity = { name: "hcloud-csi", instance: className, component: "storage", domain: "platform" };
  new k8s.storage.v1.StorageClass(
    name,
    {
      metadata: metadata(identity, { annotations: { [DEFAULT_CLASS_ANNOTATION]: String(args.isDefault ?? true) } }),
      provisioner: HCLOUD_PROVISIONER,
      // A volume is in one location: it is made where the pod that needs it was placed.
      volumeBindingMode: "WaitForFirstConsumer",
      // Dedicated machines are not in the cloud, and no cloud volume can be attached to them.
      allowedTopologies: [
        { matchLabelExpressions: [{ key: "instance.hetzner.cloud/provided-by", values: ["cloud"] }] },
      ],
      allowVolumeExpansion: true,
      reclaimPolicy: RECLAIM_POLICY,
    },
    { ...opts, ...storageClassOptions },
  );
}

/** Values of the volume driver's chart. */
export function cloudVolumesValues(args: Pick<CloudVolumesArgs, "environment" | "endpoint">): ChartValues {
  const sidecar = { ...resources(10, 32, 128) };
  const driver = { ...resources(20, 64, 256) };
  const extraEnvVars = args.endpoint === undefined ? [] : [{ name: "HCLOUD_ENDPOINT", value: args.endpoint }];
  return {
    // Dedicated machines are not in the cloud: their nodes say so by topology, and get no volume.
    global: { enableProvidedByTopology: true },
    controller: {
      replicaCount: args.environment === "prod" ? 2 : 1,
      hcloudToken: { existingSecret: { name: HCLOUD_SECRET, key: "token" } },
      podDisruptionBudget: { create: args.environment === "prod" },
      priorityClassName: "system-cluster-critical",
      resources: {
        csiAttacher: sidecar,
        csiResizer: sidecar,
        csiProvisioner: sidecar,
        livenessProbe: sidecar,
        hcloudCSIDriver: driver,
      },
      extraEnvVars,
    },
    node: {
      priorityClassName: "system-node-critical",
      resources: { csiNodeDriverRegistrar: sidecar, livenessProbe: sidecar, hcloudCSIDriver: driver },
      extraEnvVars,
    },
    metrics: { enabled: true },
    // The program makes the class itself, where a preview and the policies see it.
    storageClasses: [],
  };
}
