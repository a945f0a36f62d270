import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { createDisruptionBudget } from "../../kit/disruption-budget";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import { after } from "../../kit/options";
import type { Environment, Size } from "../../kit/sizes";
import type { AlertmanagerReceiver } from "./receivers";
import { alertmanagerSpec, WEB } from "./spec";

export interface ServersArgs {
  readonly identity: Identity;
  readonly pods: PodIdentity;
  readonly environment: Environment;
  readonly receivers: readonly AlertmanagerReceiver[];
  readonly replicas?: number;
  readonly size?: Size;
  readonly externalUrl?: string;
  /** What the pods mount. */
  readonly files: readonly pulumi.Resource[];
}

/** The custom resource, and what the operator does not make of it: the Service that clients know, and the budget of drains. */
export function createServers(name: string, args: ServersArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const { identity, environment, externalUrl, files, pods, receivers, replicas = 1, size = "small" } = args;
  const { domain: namespace } = identity;
  const service = new k8s.core.v1.Service(
    name,
    {
      metadata: metadata(identity, { namespace }),
      spec: {
        type: "ClusterIP",
        selector: { ...pods.labels },
        ports: [{ name: WEB.name, port: WEB.port, targetPort: WEB.name }],
      },
    },
    opts,
  );
  if (replicas > 1) createDisruptionBudget(name, { identity, namespace, podLabels: pods.labels }, opts);
  const hasReceivers = receivers.length > 0;
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "Alertmanager",
      metadata: metadata(identity, { namespace, annotations: { "pulumi.com/waitFor": "condition=Available" } }),
      spec: alertmanagerSpec({ identity, environment, replicas, size, externalUrl, hasReceivers }),
    },
    { ...after(opts, ...files, service), customTimeouts: { create: "15m", update: "15m" } },
  );
}
