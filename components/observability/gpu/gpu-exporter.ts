import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { GpuVendor } from "../../hetzner/machines";
import type { MachineTaint } from "../../inference/gpu/node";
import { imageVersion } from "../../kit/images";
import { type Identity, metadata, podIdentity } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import { daemonSetSpec } from "./pods";
import { gpuExporters } from "./vendors";

export interface GpuExporterArgs {
  readonly namespaces: Pick<Namespaces, "get">;
  readonly vendor: GpuVendor;
  /** Taints of the machines with these GPUs. @default - none */
  readonly taints?: readonly MachineTaint[];
}

/** What the GPUs of one vendor do: load, memory, temperature, power and errors, from each machine that has one. */
export class GpuExporter extends Component {
  constructor(args: GpuExporterArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("observability-agents");
    const spec = gpuExporters[args.vendor];
    const { name } = spec;
    super("orrery:observability:GpuExporter", name, after(opts, namespace));
    const identity: Identity = {
      name,
      instance: name,
      component: "exporter",
      domain: namespace.name,
      version: imageVersion(spec.image),
    };
    const at = { metadata: metadata(identity, { namespace: namespace.name }) };

    const needed = [
      new k8s.core.v1.ServiceAccount(name, { ...at, automountServiceAccountToken: false }, this.child()),
      ...(spec.config
        ? [new k8s.core.v1.ConfigMap(name, { ...at, data: { ...spec.config.files } }, this.child())]
        : []),
    ];
    const pods = daemonSetSpec(identity, args.vendor, spec, args.taints ?? []);
    new k8s.apps.v1.DaemonSet(name, { ...at, spec: pods }, this.child({ dependsOn: needed }));
    namespace.telemetry.metrics({
      identity,
      pods: podIdentity(identity, namespace.name),
      port: { name: "metrics", port: spec.port },
      perNode: true,
    });

    this.registerOutputs({});
  }
}
