import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, type Identity, metadata } from "../../kit/labels";
import { DomainNamespace } from "../../kit/namespace";
import type { Environment } from "../../kit/sizes";
import type { Telemetry } from "../../kit/telemetry";
import { DEFAULT_CLASS_ANNOTATION, RECLAIM_POLICY, storageClassOptions } from "../storage";
import { openLonghorn } from "./longhorn-network";
import { LONGHORN_MANAGER_LABELS, LONGHORN_METRICS, longhornValues } from "./longhorn-values";

export interface LonghornArgs {
  readonly charts: ChartSource;
  readonly environment: Environment;
  /** Copies of each volume, each on another node. Changing it replaces the StorageClass, not the volumes. */
  readonly replicas: number;
  /** Class of claims that name none. @default false */
  readonly isDefault?: boolean;
  /** Whether volumes outlive the environment: then it refuses to be uninstalled. */
  readonly keptOnDestroy: boolean;
  /** Where it says what it serves. @default - nobody listens */
  readonly telemetry?: Telemetry;
}

/** As StorageClasses and volumes name the driver. */
export const LONGHORN_PROVISIONER = "driver.longhorn.io";

/**
 * Longhorn: volumes on the nodes' own disks, each kept on several nodes at once. It needs system extensions and a mount
 * of the kubelet on every machine: components/talos/storage-requirements.ts.
 */
export class Longhorn extends Component {
  readonly storageClass = "longhorn";
  readonly namespace: DomainNamespace;

  constructor(name: string, args: LonghornArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:Longhorn", name, opts);

    const namespace = new DomainNamespace(
      "longhorn-system",
      { domain: "longhorn-system", environment: args.environment, telemetry: args.telemetry },
      this.child(),
    );
    this.namespace = namespace;
    const identity = longhornIdentity(name);
    const inside = this.child({ dependsOn: [namespace] });
    const open = openLonghorn(name, identity, namespace.name, inside);
    const chart = new Chart(
      name,
      {
        chart: charts.longhorn,
        source: args.charts,
        namespace: namespace.name,
        values: longhornValues(args),
        timeoutSeconds: 900,
      },
      this.child({ dependsOn: [namespace, ...open] }),
    );
    createStorageClass(`${name}-class`, this.storageClass, identity, args, this.child({ dependsOn: [chart] }));

    namespace.telemetry.metrics({
      identity,
      pods: { namespace: namespace.name, labels: LONGHORN_MANAGER_LABELS, instance: name },
      port: LONGHORN_METRICS,
    });
    this.registerOutputs({ storageClass: this.storageClass });
  }
}

function longhornIdentity(name: string): Identity {
  return chartIdentity(charts.longhorn, { instance: name, component: "storage", domain: "longhorn-system" });
}

function createStorageClass(
  name: string,
  className: string,
  identity: Identity,
  args: LonghornArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.storage.v1.StorageClass(
    name,
    {
      metadata: metadata(identity, {
        name: className,
        annotations: { [DEFAULT_CLASS_ANNOTATION]: String(args.isDefault ?? false) },
      }),
      provisioner: LONGHORN_PROVISIONER,
      parameters: {
        numberOfReplicas: String(args.replicas),
        // One copy is where the pod is: reads need no network.
        dataLocality: "best-effort",
        dataEngine: "v1",
        fsType: "ext4",
        // Minutes after which a copy that failed is given up.
        staleReplicaTimeout: "30",
      },
      // Made where the pod that needs it was placed, so that the first copy is there.
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      reclaimPolicy: RECLAIM_POLICY,
    },
    { ...opts, ...storageClassOptions },
  );
}
