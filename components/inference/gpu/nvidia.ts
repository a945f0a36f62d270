import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, chartPods, type Identity, metadata } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { openApiServer } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { NVIDIA_RUNTIME_CLASS } from "./node";
import { nvidiaPluginValues } from "./nvidia-values";
import type { GpuMachine } from "./types";

/** The release; its DaemonSet has the same name. */
export const NVIDIA_PLUGIN = "nvidia-device-plugin";

export interface DevicePluginArgs {
  readonly charts: ChartSource;
  readonly namespaces: Pick<Namespaces, "get">;
  /** Machines with GPUs of the plugin's vendor; not empty. */
  readonly machines: readonly GpuMachine[];
}

/**
 * NVIDIA's device plugin: offers each machine's GPUs to pods as `nvidia.com/gpu`, as often as they are shared. One
 * release for all machines; which of its configurations a machine has, the label of its node says.
 */
export class NvidiaDevicePlugin extends Component {
  /** By this class a container gets NVIDIA's libraries and devices from the machine's container toolkit. */
  readonly runtimeClass: pulumi.Resource;

  constructor(args: DevicePluginArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("gpu");
    super("orrery:inference:NvidiaDevicePlugin", NVIDIA_PLUGIN, after(opts, namespace));
    const chart = charts.nvidiaDevicePlugin;
    const owner = chartIdentity(chart, { instance: NVIDIA_PLUGIN, component: "device-plugin", domain: namespace.name });

    this.runtimeClass = this.createRuntimeClass(owner);
    const pods = chartPods(chart, NVIDIA_PLUGIN, namespace.name);
    // A node's label says which configuration it has.
    const open = openApiServer(`${NVIDIA_PLUGIN}-api-server`, { pods, owner }, this.child());
    new Chart(
      NVIDIA_PLUGIN,
      { chart, source: args.charts, namespace: namespace.name, values: nvidiaPluginValues(args.machines) },
      this.child({ dependsOn: [this.runtimeClass, open] }),
    );

    this.registerOutputs({ namespace: namespace.name });
  }

  private createRuntimeClass(identity: Identity): pulumi.Resource {
    // It was the exporter's before device plugins were part of the program.
    const exporter = `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::orrery:observability:GpuExporter::dcgm-exporter`;
    return new k8s.node.v1.RuntimeClass(
      NVIDIA_RUNTIME_CLASS,
      { metadata: metadata(identity, { name: NVIDIA_RUNTIME_CLASS }), handler: NVIDIA_RUNTIME_CLASS },
      this.child({ aliases: [{ parent: exporter }] }),
    );
  }
}
