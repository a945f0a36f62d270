import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { metadata } from "../../kit/labels";
import { after } from "../../kit/options";
import type { ModelServer } from "../model-server";
import { MODEL_NAMESPACE } from "../types";
import type { Keda } from "./keda";
import { type ScaledTarget, type ScalingFacts, scaledObjectSpec, scaledTargets } from "./spec";

export interface ModelScalingArgs extends ScalingFacts {
  readonly keda: Keda;
  /** Those without scale targets scale by themselves, or not at all. */
  readonly servers: readonly ModelServer[];
}

/** Fewer copies of models while there is less to do: a ScaledObject for each workload whose number changes. */
export class ModelScaling extends Component {
  constructor(args: ModelScalingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:inference:ModelScaling", "model-scaling", after(opts, args.keda));
    const scaled = args.servers.flatMap((server) => scaledTargets(server).map((target) => ({ server, target })));
    for (const { server, target } of scaled) this.createScaledObject(server, target, args);
    this.registerOutputs({ workloads: scaled.map(({ target }) => target.target.name) });
  }

  private createScaledObject(server: ModelServer, scaled: ScaledTarget, args: ModelScalingArgs): void {
    const { name } = scaled.target;
    new k8s.apiextensions.CustomResource(
      `${name}-scaling`,
      {
        apiVersion: "keda.sh/v1alpha1",
        kind: "ScaledObject",
        metadata: metadata(server.backend.identity, {
          name,
          namespace: MODEL_NAMESPACE,
          annotations: { "pulumi.com/waitFor": "condition=Ready" },
        }),
        spec: scaledObjectSpec(server, scaled, args),
      },
      this.child({ dependsOn: [server.ready] }),
    );
  }
}
