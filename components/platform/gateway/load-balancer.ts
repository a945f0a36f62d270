import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { metadata, type PodIdentity } from "../../kit/labels";
import { GATEWAY_NAMESPACE, gatewayIdentity } from "./names";

export interface GatewayLoadBalancerArgs {
  /** Its name at Hetzner. Changing it renames it. */
  readonly hetznerName: string;
  /** Load balancer type, e.g. lb11. A change is made in place. */
  readonly type: string;
  /** Location. Changing it replaces the load balancer, and its addresses. */
  readonly location: string;
  /** Its fixed address in the private network. Changing it replaces the load balancer. */
  readonly privateIp: string;
  /** Whether each connection begins with the client's address (PROXY protocol). */
  readonly proxyProtocol: boolean;
  /** Whether it has public addresses. */
  readonly public: boolean;
  readonly ports: readonly LoadBalancerPort[];
  /** The pods behind it. */
  readonly pods: PodIdentity;
}

export interface LoadBalancerPort {
  readonly name: string;
  readonly port: number;
  /** Port of the pods. */
  readonly podPort: number;
}

const PREFIX = "load-balancer.hetzner.cloud/";

/** Annotations that the cloud controller cannot change on a load balancer that is there. */
const FIXED = ["location", "private-ipv4"];

/**
 * The gateway's load balancer: a Service of ours, not one that a controller makes. So `destroy` waits until the cloud
 * controller has removed the load balancer, which it can do only while it still runs; nothing that costs stays behind.
 */
export class GatewayLoadBalancer extends Component {
  /** First IPv4 address that clients use. */
  readonly address: pulumi.Output<string>;
  /** All addresses that clients use, with commas: for DNS. */
  readonly addresses: pulumi.Output<string>;

  constructor(name: string, args: GatewayLoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:GatewayLoadBalancer", name, opts);

    const service = new k8s.core.v1.Service(
      name,
      {
        metadata: metadata(gatewayIdentity, {
          name,
          namespace: GATEWAY_NAMESPACE,
          annotations: {
            ...loadBalancerAnnotations(args),
            // Its address alone: the gateway's pods come later, because their DNS names need the address.
            "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress[0].ip}",
          },
        }),
        spec: loadBalancerSpec(args),
      },
      this.child({
        replaceOnChanges: FIXED.map((key) => `metadata.annotations["${PREFIX}${key}"]`),
        deleteBeforeReplace: true,
      }),
    );
    this.addresses = service.status.loadBalancer.ingress.apply(addressesOf);
    this.address = this.addresses.apply((all) => all.split(",")[0]!);

    this.registerOutputs({ address: this.address });
  }
}

/** All addresses of a Service's status, IPv4 first as the cloud controller writes them. */
export function addressesOf(ingress: readonly { readonly ip?: string }[] | undefined): string {
  return (ingress ?? []).flatMap(({ ip }) => ip ?? []).join(",");
}

/** What the cloud controller is told. */
export function loadBalancerAnnotations(args: Omit<GatewayLoadBalancerArgs, "pods" | "ports">): Record<string, string> {
  return {
    [`${PREFIX}name`]: args.hetznerName,
    [`${PREFIX}type`]: args.type,
    [`${PREFIX}location`]: args.location,
    [`${PREFIX}private-ipv4`]: args.privateIp,
    [`${PREFIX}use-private-ip`]: "true",
    [`${PREFIX}uses-proxyprotocol`]: String(args.proxyProtocol),
    [`${PREFIX}disable-public-network`]: String(!args.public),
    // Only one of the two kinds of addresses is where clients come in; the other would end up in DNS as well.
    [`${PREFIX}disable-private-ingress`]: String(args.public),
    [`${PREFIX}health-check-protocol`]: "tcp",
    [`${PREFIX}health-check-interval`]: "10s",
    [`${PREFIX}health-check-timeout`]: "5s",
    [`${PREFIX}health-check-retries`]: "3",
  };
}

/** Any node takes a connection and passes it on, so that no node is left out while a pod moves. */
export function loadBalancerSpec({ ports, pods }: Pick<GatewayLoadBalancerArgs, "ports" | "pods">) {
  return {
    type: "LoadBalancer",
    externalTrafficPolicy: "Cluster",
    selector: { ...pods.labels },
    ports: ports.map(({ name, port, podPort }) => ({ name, port, targetPort: podPort, protocol: "TCP" })),
  };
}
