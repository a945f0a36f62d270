import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Identity, metadata, type PodIdentity, podSelector } from "./labels";

export interface NetworkPort {
  /** What the port is for; part of the policies' names. */
  readonly name: string;
  readonly port: number;
  /** Last port of a range that begins with `port`. @default - one port */
  readonly endPort?: number;
  /** @default TCP */
  readonly protocol?: "TCP" | "UDP";
}

export interface NetworkPath {
  readonly from: PodIdentity;
  readonly to: PodIdentity;
  /** The ports of one endpoint; more than one only where a protocol needs them together. */
  readonly ports: readonly NetworkPort[];
  /** Who owns the two policies: the consumer of the path. */
  readonly owner: Identity;
}

/** The API server as pods reach it: Cilium judges after load balancing, so the port is the backend's. */
export const API_SERVER_PORT = 6443;

/**
 * Opens exactly one network path: from the consumer's pods to the named ports of the provider's pods. Both namespaces deny by
 * default, so both sides need a rule: egress at the consumer, ingress at the provider.
 */
export function openPath(name: string, path: NetworkPath, opts: pulumi.CustomResourceOptions): void {
  const slug = [path.from.instance, "to", path.to.instance, ...path.ports.map(({ name }) => name)].join("-");
  const ports = path.ports.map(port);
  new k8s.networking.v1.NetworkPolicy(
    `${name}-egress`,
    {
      metadata: metadata(path.owner, { name: `${slug}-egress`, namespace: path.from.namespace }),
      spec: {
        podSelector: podSelector(path.from),
        policyTypes: ["Egress"],
        egress: [{ to: [peer(path.to)], ports }],
      },
    },
    opts,
  );
  new k8s.networking.v1.NetworkPolicy(
    `${name}-ingress`,
    {
      metadata: metadata(path.owner, { name: `${slug}-ingress`, namespace: path.to.namespace }),
      spec: {
        podSelector: podSelector(path.to),
        policyTypes: ["Ingress"],
        ingress: [{ from: [peer(path.from)], ports }],
      },
    },
    opts,
  );
}

export interface PeerPaths {
  readonly pods: PodIdentity;
  readonly ports: readonly NetworkPort[];
  readonly owner: Identity;
}

/** Lets the pods of one workload talk to each other on the given ports: replication, consensus. */
export function openPeers(name: string, peers: PeerPaths, opts: pulumi.CustomResourceOptions): void {
  const ports = peers.ports.map(port);
  // The same labels in the same namespace: a podSelector alone, which cannot reach into another namespace.
  const selector = podSelector(peers.pods);
  new k8s.networking.v1.NetworkPolicy(
    name,
    {
      metadata: metadata(peers.owner, { name: `${peers.pods.instance}-peers`, namespace: peers.pods.namespace }),
      spec: {
        podSelector: selector,
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: [{ podSelector: selector }], ports }],
        egress: [{ to: [{ podSelector: selector }], ports }],
      },
    },
    opts,
  );
}

export interface ApiServerPaths {
  readonly pods: PodIdentity;
  readonly owner: Identity;
  /** Ports at which the API server calls these pods' webhooks. @default - none */
  readonly webhookPorts?: readonly number[];
}

/**
 * Lets pods reach the Kubernetes API, and the API server reach their webhooks. The API server is no pod: a
 * NetworkPolicy cannot name it under Cilium, so this is a CiliumNetworkPolicy.
 */
export function openApiServer(
  name: string,
  paths: ApiServerPaths,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "cilium.io/v2",
      kind: "CiliumNetworkPolicy",
      metadata: metadata(paths.owner, {
        name: `${paths.pods.instance}-api-server`,
        namespace: paths.pods.namespace,
      }),
      spec: apiServerSpec(paths),
    },
    opts,
  );
}

export interface WorldPaths {
  readonly pods: PodIdentity;
  readonly owner: Identity;
  /** Ports outside that the pods may call. @default - none */
  readonly egress?: readonly NetworkPort[];
  /** Ports of the pods that may be called from outside, through a load balancer. @default - none */
  readonly ingress?: readonly NetworkPort[];
}

/**
 * Lets pods call, or be called by, what is outside the cluster: the internet, the private network, the load balancer.
 * Only a CiliumNetworkPolicy can say "outside" without a list of ranges that has to leave the cluster's own out.
 */
export function openWorld(name: string, paths: WorldPaths, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "cilium.io/v2",
      kind: "CiliumNetworkPolicy",
      metadata: metadata(paths.owner, { name: `${paths.pods.instance}-world`, namespace: paths.pods.namespace }),
      spec: worldSpec(paths),
    },
    opts,
  );
}

/** The spec of the CiliumNetworkPolicy above. */
export function worldSpec({ pods, egress = [], ingress = [] }: WorldPaths) {
  return {
    endpointSelector: podSelector(pods),
    ...(egress.length === 0 ? {} : { egress: [{ toEntities: ["world"], toPorts: [ciliumPorts(egress)] }] }),
    // What a node passes on to a pod of another one comes as the node when its address was translated.
    ...(ingress.length === 0
      ? {}
      : { ingress: [{ fromEntities: ["world", "remote-node", "host"], toPorts: [ciliumPorts(ingress)] }] }),
  };
}

function ciliumPorts(ports: readonly NetworkPort[]) {
  return {
    ports: ports.map(({ port, endPort, protocol }) => ({
      port: String(port),
      ...(endPort === undefined ? {} : { endPort }),
      protocol: protocol ?? "TCP",
    })),
  };
}

/** The spec of the API server's CiliumNetworkPolicy. */
export function apiServerSpec(paths: Pick<ApiServerPaths, "pods" | "webhookPorts">) {
  const webhooks = paths.webhookPorts ?? [];
  return {
    endpointSelector: podSelector(paths.pods),
    egress: [{ toEntities: ["kube-apiserver"], toPorts: [tcp([API_SERVER_PORT])] }],
    // The API server runs in the host's network: its calls come from this node or another one, and carry the
    // kube-apiserver identity only where Cilium knows that node's address as one.
    ...(webhooks.length === 0
      ? {}
      : { ingress: [{ fromEntities: ["kube-apiserver", "remote-node", "host"], toPorts: [tcp(webhooks)] }] }),
  };
}

function tcp(ports: readonly number[]) {
  return { ports: ports.map((number) => ({ port: String(number), protocol: "TCP" })) };
}

function peer(pods: PodIdentity) {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": pods.namespace } },
    podSelector: podSelector(pods),
  };
}

function port({ port, endPort, protocol }: NetworkPort) {
  return { port, ...(endPort === undefined ? {} : { endPort }), protocol: protocol ?? "TCP" };
}
