import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Consumer } from "../../kit/capability";
import { type Identity, metadata, type PodIdentity, podSelector } from "../../kit/labels";
import type { NetworkPort } from "../../kit/network-policy";

export interface SendersArgs {
  readonly senders: readonly Consumer[];
  /** The collector. */
  readonly to: PodIdentity;
  readonly owner: Identity;
  readonly ports: readonly NetworkPort[];
}

/** The ways of all senders to the collector: one object at its side for all, and one at each sender's. */
export function openSenders(name: string, args: SendersArgs, opts: pulumi.CustomResourceOptions): void {
  const senders = distinct(args.senders);
  if (senders.length === 0) return;
  const ports = args.ports.map(({ port }) => ({ port, protocol: "TCP" }));
  const { to, owner } = args;
  new k8s.networking.v1.NetworkPolicy(
    `${name}-senders-ingress`,
    {
      metadata: metadata(owner, { name: `senders-to-${to.instance}-ingress`, namespace: to.namespace }),
      spec: {
        podSelector: podSelector(to),
        policyTypes: ["Ingress"],
        ingress: [{ from: senders.map(({ pods }) => peer(pods)), ports }],
      },
    },
    opts,
  );
  for (const { pods, identity, namespace } of senders) {
    const slug = `${pods.instance}-to-${to.instance}`;
    new k8s.networking.v1.NetworkPolicy(
      `${pods.namespace}-${slug}-egress`,
      {
        metadata: metadata(identity, { name: `${slug}-egress`, namespace: pods.namespace }),
        spec: { podSelector: podSelector(pods), policyTypes: ["Egress"], egress: [{ to: [peer(to)], ports }] },
      },
      { ...opts, dependsOn: [namespace] },
    );
  }
}

/** Parts of one program ask one by one, and have the same pods. */
function distinct(senders: readonly Consumer[]): Consumer[] {
  return [...new Map(senders.map((each) => [`${each.pods.namespace}/${each.pods.instance}`, each])).values()];
}

function peer(pods: PodIdentity) {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": pods.namespace } },
    podSelector: podSelector(pods),
  };
}
