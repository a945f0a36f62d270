import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource, type ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, type Identity, metadata } from "../../kit/labels";
import { DomainNamespace } from "../../kit/namespace";
import { type Environment, resources } from "../../kit/sizes";
import { DEFAULT_CLASS_ANNOTATION, RECLAIM_POLICY, storageClassOptions } from "../storage";

export interface NfsArgs {
  readonly charts: ChartSource;
  readonly environment: Environment;
  /** Address or name of the NFS server. Changing it replaces the StorageClass. */
  readonly server: string;
  /** Directory that the server exports. Changing it replaces the StorageClass. */
  readonly path: string;
  /** Changing them replaces the StorageClass. */
  readonly mountOptions: readonly string[];
}

/** As StorageClasses and volumes name the driver. */
export const NFS_PROVISIONER = "nfs.csi.k8s.io";

/**
 * Volumes on an NFS server outside the cluster: many pods on many nodes may write to one. The driver mounts in the
 * host's network, so that a mount outlives the driver's pod; no network policy stands between.
 */
export class Nfs extends Component {
  readonly storageClass = "nfs";

  constructor(name: string, args: NfsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:Nfs", name, opts);

    const namespace = new DomainNamespace(
      "csi-nfs",
      { domain: "csi-nfs", environment: args.environment },
      this.child(),
    );
    const driver = new Chart(
      name,
      { chart: charts.nfsCsi, source: args.charts, namespace: namespace.name, values: nfsValues() },
      this.child({ dependsOn: [namespace] }),
    );
    createStorageClass(`${name}-class`, this.storageClass, args, this.child({ dependsOn: [driver] }));

    this.registerOutputs({ storageClass: this.storageClass });
  }
}

function createStorageClass(name: string, className: string, args: NfsArgs, opts: pulumi.CustomResourceOptions): void {
  const identity: Identity = chartIdentity(charts.nfsCsi, {
    instance: className,
    component: "storage",
    domain: "csi-nfs",
  });
  new k8s.storage.v1.StorageClass(
    name,
    {
      metadata: metadata(identity, { annotations: { [DEFAULT_CLASS_ANNOTATION]: "false" } }),
      provisioner: NFS_PROVISIONER,
      parameters: {
        server: args.server,
        share: args.path,
        // The driver fills these in; people who look at the server find a claim again.
        subDir: "${pvc.metadata.namespace}/${pvc.metadata.name}-${pv.metadata.name}",
      },
      mountOptions: [...args.mountOptions],
      volumeBindingMode: "Immediate",
      allowVolumeExpansion: true,
      reclaimPolicy: RECLAIM_POLICY,
    },
    { ...opts, ...storageClassOptions },
  );
}

/** Values of the NFS driver's chart. */
export function nfsValues(): ChartValues {
  const sidecar = { ...resources(10, 20, 128) };
  return {
    controller: {
      // Its snapshotter does not start without the definitions of VolumeSnapshots, which nobody here brings.
      enableSnapshotter: false,
      resources: { csiProvisioner: sidecar, csiResizer: sidecar, livenessProbe: sidecar, nfs: sidecar },
    },
    node: {
      priorityClassName: "system-node-critical",
      resources: { nodeDriverRegistrar: sidecar, livenessProbe: sidecar, nfs: { ...resources(10, 20, 300) } },
    },
  };
}
