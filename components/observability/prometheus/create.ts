import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { createClaims } from "../../kit/claims";
import { createDisruptionBudget } from "../../kit/disruption-budget";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import { openApiServer } from "../../kit/network-policy";
import { DATA_VOLUME, statefulSetName, WEB } from "./names";
import { createAccount } from "./permissions";
import { type PrometheusFacts, prometheusSpec } from "./spec";

/** Where its size stands in the settings. */
const STORAGE_SETTING = "observability.metrics.storageGiB";

export interface Servers {
  readonly name: string;
  readonly identity: Identity;
  readonly pods: PodIdentity;
}

/**
 * The custom resource, and what the operator does not make of it: the account, the claims, the Service that clients
 * know, and the budget of drains.
 */
export function createServers(
  { name, identity, pods }: Servers,
  facts: PrometheusFacts,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const { domain: namespace } = identity;
  const dependsOn = [
    ...createAccount(name, identity, opts),
    openApiServer(`${name}-api-server`, { pods, owner: identity }, opts),
    ...createServerClaims(name, facts, opts),
    createService(name, identity, pods, opts),
  ];
  if (facts.replicas > 1) createDisruptionBudget(name, { identity, namespace, podLabels: pods.labels }, opts);
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "Prometheus",
      metadata: metadata(identity, {
        namespace,
        labels: { "orrery.dev/stateful": "true" },
        annotations: { "pulumi.com/waitFor": "condition=Available" },
      }),
      spec: prometheusSpec(facts),
    },
    {
      ...opts,
      dependsOn,
      // The template gives the claims their names. A change of it would make the operator take all servers down at once.
      ignoreChanges: ["spec.storage.volumeClaimTemplate"],
      customTimeouts: { create: "20m", update: "20m" },
    },
  );
}

/** Made here, so that a larger volume is a change in place, which the operator itself does not carry out. */
function createServerClaims(name: string, facts: PrometheusFacts, opts: pulumi.CustomResourceOptions) {
  const { identity, replicas, storageGiB, storageClass } = facts;
  const volume = { name: DATA_VOLUME, storageGiB, storageClass, setting: STORAGE_SETTING };
  return createClaims(
    name,
    { identity, namespace: identity.domain, statefulSet: statefulSetName(name), replicas, volumes: [volume] },
    opts,
  );
}

function createService(
  name: string,
  identity: Identity,
  pods: PodIdentity,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new k8s.core.v1.Service(
    name,
    {
      metadata: metadata(identity, { namespace: identity.domain }),
      spec: {
        type: "ClusterIP",
        selector: { ...pods.labels },
        // Two servers have scraped at different moments: whoever asks goes on asking the same one.
        sessionAffinity: "ClientIP",
        ports: [{ name: WEB.name, port: WEB.port, targetPort: WEB.name }],
      },
    },
    opts,
  );
}
