import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Identity, metadata, selectorLabels } from "./labels";

export interface DisruptionBudgetArgs {
  readonly identity: Identity;
  readonly namespace: string;
  /** Name in the cluster. @default the identity's instance */
  readonly budgetName?: string;
  /** Labels of the pods. @default those of the identity */
  readonly podLabels?: Readonly<Record<string, string>>;
}

/** One pod at a time may be taken away by a drain; one that is not ready anyway never keeps a node. */
export function createDisruptionBudget(
  name: string,
  { identity, namespace, budgetName, podLabels = selectorLabels(identity) }: DisruptionBudgetArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.policy.v1.PodDisruptionBudget(
    name,
    {
      metadata: metadata(identity, { name: budgetName, namespace }),
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        selector: { matchLabels: { ...podLabels } },
      },
    },
    opts,
  );
}
