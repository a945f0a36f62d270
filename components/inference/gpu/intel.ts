import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Certificates } from "../../kit/certificates";
import type { ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { imageReference, images } from "../../kit/images";
import { metadata } from "../../kit/labels";
import { Operator } from "../../kit/operator";
import { after } from "../../kit/options";
import { GPU_LABEL, type MachineTaint, tolerationsOf } from "./node";
import type { DevicePluginArgs } from "./nvidia";
import { distinctSharing, GPU_SHARING_LABEL, sharingName } from "./sharing";
import type { GpuSharing } from "./types";

/** The release of the operator. */
export const INTEL_OPERATOR = "intel-device-plugins";

/** The chart labels its pods with nothing of the release. */
const OPERATOR_PODS = { "control-plane": "controller-manager" };
const WEBHOOK_PORT = 9443;

export interface IntelDevicePluginArgs extends DevicePluginArgs {
  /** The chart asks cert-manager for the certificate of its webhooks. */
  readonly certificates: Pick<Certificates, "ready">;
}

/**
 * Intel's operator, and one GpuDevicePlugin for each way in which machines share: GPUs are offered as
 * `gpu.intel.com/i915` or `gpu.intel.com/xe`, as the machine's driver is called.
 */
export class IntelDevicePlugin extends Component {
  constructor(args: IntelDevicePluginArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("gpu");
    super("orrery:inference:IntelDevicePlugin", "intel-device-plugin", after(opts, namespace, args.certificates.ready));
    const operator = new Operator(
      INTEL_OPERATOR,
      {
        chart: charts.intelDevicePlugins,
        charts: args.charts,
        namespace,
        values: intelOperatorValues(),
        podLabels: OPERATOR_PODS,
        webhookPorts: [WEBHOOK_PORT],
      },
      this.child(),
    );

    const taints = args.machines.flatMap((machine) => machine.taints);
    for (const sharing of distinctSharing(args.machines)) {
      const name = sharingName(sharing);
      // Its status has no condition, and machines may join later: nothing to wait for.
      new k8s.apiextensions.CustomResource(
        `intel-gpus-${name}`,
        {
          apiVersion: "deviceplugin.intel.com/v1",
          kind: "GpuDevicePlugin",
          metadata: metadata({ ...operator.identity, component: "device-plugin" }, { name }),
          spec: intelPluginSpec(sharing, taints),
        },
        this.child({ dependsOn: [operator] }),
      );
    }

    this.registerOutputs({ namespace: namespace.name });
  }
}

/** Spec of a GpuDevicePlugin: for the nodes that share in this way. */
export function intelPluginSpec(sharing: GpuSharing, taints: readonly MachineTaint[]) {
  const tolerations = tolerationsOf(taints);
  return {
    image: imageReference(images.intelDevicePlugin),
    sharedDevNum: sharing.slices,
    logLevel: 2,
    // Access to all GPUs of a node at once: for exporters, which here have no need of it.
    enableMonitoring: false,
    nodeSelector: { [GPU_LABEL]: "intel", [GPU_SHARING_LABEL]: sharingName(sharing) },
    ...(tolerations.length === 0 ? {} : { tolerations }),
  };
}

/** Values of the operator's chart. */
export function intelOperatorValues(): ChartValues {
  return {
    manager: {
      image: { hub: "docker.io/intel" },
      // Not the accelerators for encryption, compression and signals that it knows beside GPUs.
      devices: { gpu: true },
    },
    resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "192Mi" } },
  };
}
