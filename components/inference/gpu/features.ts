import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { charts } from "../../kit/charts";
import { chartIdentity, metadata } from "../../kit/labels";
import type { GpuDriver } from "./table";

const PREFIX = "feature.node.kubernetes.io";

/** What GPUs are on the PCI bus: vendor, and the classes of display and 3D controllers and of accelerators. */
const onTheBus: Readonly<Record<GpuDriver, { readonly vendor: string; readonly classes: readonly string[] }>> = {
  nvidia: { vendor: "10de", classes: ["0300", "0302"] },
  amdgpu: { vendor: "1002", classes: ["0300", "0302", "0380", "1200"] },
  i915: { vendor: "8086", classes: ["0300", "0380"] },
  xe: { vendor: "8086", classes: ["0300", "0380"] },
};

const vendors: Readonly<Record<GpuDriver, string>> = { nvidia: "nvidia", amdgpu: "amd", i915: "intel", xe: "intel" };

/**
 * A rule for Node Feature Discovery: nodes on which a GPU is found and its driver is loaded get the labels
 * `feature.node.kubernetes.io/gpu-<vendor>` and `.../gpu-driver-<driver>`. Pods are placed by the labels of the machines'
 * configuration, which are there before the machine: these say what is really in it.
 */
export class GpuFeatures extends Component {
  constructor(args: { readonly after: pulumi.Resource }, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:inference:GpuFeatures", "gpu-features", opts);
    const owner = chartIdentity(charts.nodeFeatureDiscovery, {
      instance: "gpu-features",
      component: "node-features",
      domain: "node-feature-discovery",
    });
    new k8s.apiextensions.CustomResource(
      "gpu-features",
      {
        apiVersion: "nfd.k8s-sigs.io/v1alpha1",
        kind: "NodeFeatureRule",
        metadata: metadata(owner),
        spec: { rules: gpuFeatureRules() },
      },
      this.child({ dependsOn: [args.after] }),
    );
    this.registerOutputs({});
  }
}

/** The rules, one for each driver. */
export function gpuFeatureRules() {
  return (Object.keys(onTheBus) as GpuDriver[]).map((driver) => {
    const { vendor, classes } = onTheBus[driver];
    return {
      name: `gpu-${driver}`,
      labels: { [`${PREFIX}/gpu-${vendors[driver]}`]: "true", [`${PREFIX}/gpu-driver-${driver}`]: "true" },
      matchFeatures: [
        {
          feature: "pci.device",
          matchExpressions: { vendor: { op: "In", value: [vendor] }, class: { op: "In", value: [...classes] } },
        },
        { feature: "kernel.loadedmodule", matchExpressions: { [driver]: { op: "Exists" } } },
      ],
    };
  });
}
