import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import { openApiServer } from "../../kit/network-policy";
import { LONGHORN_WEBHOOK_PORT } from "./longhorn-values";

const NFS_PORT = 2049;

/**
 * What Longhorn's parts need. They talk to each other on ports that they pick as volumes come and go, so their
 * namespace is one: nothing else is in it. Nodes mount volumes that are shared over NFS from the share managers; the
 * iSCSI of all others never leaves the node.
 */
export function openLonghorn(
  name: string,
  owner: Identity,
  namespace: string,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const everyPod: PodIdentity = { namespace, labels: {}, instance: name };
  return [
    openApiServer(`${name}-api-server`, { pods: everyPod, owner, webhookPorts: [LONGHORN_WEBHOOK_PORT] }, opts),
    new k8s.networking.v1.NetworkPolicy(
      `${name}-inside`,
      {
        metadata: metadata(owner, { name: `${name}-inside`, namespace }),
        spec: {
          podSelector: {},
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ from: [{ podSelector: {} }] }],
          egress: [{ to: [{ podSelector: {} }] }],
        },
      },
      opts,
    ),
    new k8s.apiextensions.CustomResource(
      `${name}-nodes`,
      {
        apiVersion: "cilium.io/v2",
        kind: "CiliumNetworkPolicy",
        metadata: metadata(owner, { name: `${name}-nodes`, namespace }),
        spec: {
          endpointSelector: { matchLabels: { "longhorn.io/component": "share-manager" } },
          ingress: [
            {
              fromEntities: ["host", "remote-node"],
              toPorts: [{ ports: [{ port: String(NFS_PORT), protocol: "TCP" }] }],
            },
          ],
        },
      },
      opts,
    ),
  ];
}
