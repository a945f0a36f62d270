import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openApiServer, openPath } from "../../kit/network-policy";
import { POSTGRES_PORT } from "./cluster";
import { ownLabels } from "./labels";
import {
  POOLER_METRICS,
  type PoolerSettings,
  poolerInstances,
  poolerName,
  poolerPodLabels,
  poolerSpec,
} from "./pooler";

/** What clients of the pooler connect to. */
export interface PoolerEndpoint {
  readonly host: string;
  readonly pods: PodIdentity;
  /** Depend on this: it is there. */
  readonly ready: pulumi.Resource;
}

export interface PoolerArgs extends PoolerSettings {
  readonly cluster: string;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  /** The servers. */
  readonly instancePods: PodIdentity;
}

/** PgBouncer in front of the primary: its way to the servers, itself, and its PodDisruptionBudget. */
export function createPooler(args: PoolerArgs, opts: pulumi.CustomResourceOptions): PoolerEndpoint {
  const { cluster, namespace, instancePods } = args;
  const name = poolerName(cluster);
  const owner: Identity = { ...args.identity, instance: name, component: "pooler" };
  const pods: PodIdentity = { namespace: namespace.name, labels: poolerPodLabels(name), instance: name };
  const { environment } = namespace;
  const instances = poolerInstances({ ...args, environment });

  const ports = [{ name: "postgres", port: POSTGRES_PORT }];
  openPath(`${name}-postgres`, { from: pods, to: instancePods, ports, owner }, opts);
  // Its manager reads the Pooler and its certificates.
  openApiServer(`${name}-api-server`, { pods, owner }, opts);
  if (instances > 1) {
    const spec = { maxUnavailable: 1, selector: { matchLabels: { ...pods.labels } } };
    new k8s.policy.v1.PodDisruptionBudget(
      name,
      { metadata: metadata(owner, { namespace: namespace.name }), spec },
      opts,
    );
  }
  const ready = new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "Pooler",
      metadata: metadata(owner, {
        namespace: namespace.name,
        // The operator counts the pods; it has no condition for them.
        annotations: { "pulumi.com/waitFor": `jsonpath={.status.instances}=${instances}` },
      }),
      spec: poolerSpec(cluster, { ...args, environment, labels: ownLabels(owner) }),
    },
    { ...opts, customTimeouts: { create: "20m", update: "20m" } },
  );
  namespace.telemetry.metrics({ identity: owner, pods, port: POOLER_METRICS });
  return { host: `${name}.${namespace.name}.svc`, pods, ready };
}
