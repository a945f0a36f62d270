import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { imageReference, images, imageVersion } from "../../kit/images";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { type NetworkPort, openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { priorities } from "../../kit/priorities";
import { Service } from "../../kit/service";
import { resources } from "../../kit/sizes";

const NAME = "resolver";
const CONFIG_DIRECTORY = "/etc/coredns";

const DNS_PORTS: readonly NetworkPort[] = [
  { name: "dns", port: 53, protocol: "UDP" },
  { name: "dns-tcp", port: 53 },
];

export interface ResolverArgs {
  readonly namespace: DomainNamespace;
  /** The names that it answers: this one, and all below it. */
  readonly domain: string;
  /** What it answers them with: the private address of the gateway's load balancer. */
  readonly gatewayAddress: string;
  /** Its own address, which clients have in their settings. Changing it replaces the Service. */
  readonly clusterIp: string;
  /** Who may ask: pods that pass on what clients outside ask, and their namespace. */
  readonly clients: { readonly pods: PodIdentity; readonly identity: Identity; readonly namespace: DomainNamespace };
}

/**
 * Split horizon: a name server for clients inside the private network. It answers the environment's names with the
 * private address, so that they never leave the network; the public zone says the public one to everybody else.
 */
export class Resolver extends Component {
  constructor(args: ResolverArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:Resolver", NAME, after(opts, args.namespace, args.clients.namespace));
    const { namespace, clients } = args;

    const service = new Service(
      NAME,
      {
        software: "coredns",
        component: "resolver",
        version: imageVersion(images.coredns),
        namespace,
        image: imageReference(images.coredns),
        args: ["-conf", `${CONFIG_DIRECTORY}/Corefile`],
        replicas: namespace.environment === "prod" ? 2 : 1,
        ports: [
          { name: "health", port: 8080 },
          { name: "ready", port: 8181 },
          { name: "metrics", port: 9153 },
        ],
        // Its program has a file capability: without the right to it, it does not even start.
        bindsLowPorts: true,
        volumes: { config: { path: CONFIG_DIRECTORY, files: { Corefile: corefile(args) } } },
        resources: resources(20, 32, 64),
        probes: { ready: { http: "/ready", port: "ready" }, live: { http: "/health", port: "health" } },
        metrics: { port: "metrics" },
        priorityClass: priorities.platform.name,
      },
      this.child(),
    );
    new k8s.core.v1.Service(
      `${NAME}-dns`,
      {
        metadata: metadata(service.identity, { name: `${NAME}-dns`, namespace: namespace.name }),
        spec: {
          type: "ClusterIP",
          clusterIP: args.clusterIp,
          selector: { ...service.pods.labels },
          ports: DNS_PORTS.map(({ name, port, protocol }) => ({
            name,
            port,
            targetPort: port,
            protocol: protocol ?? "TCP",
          })),
        },
      },
      this.child({ replaceOnChanges: ["spec.clusterIP"], deleteBeforeReplace: true }),
    );
    openPath(
      `${NAME}-clients`,
      { from: clients.pods, to: service.pods, ports: DNS_PORTS, owner: clients.identity },
      this.child(),
    );

    this.registerOutputs({ clusterIp: args.clusterIp });
  }
}

/** Configuration of CoreDNS: one address for every name of the domain, and no other kind of record. */
export function corefile({ domain, gatewayAddress }: Pick<ResolverArgs, "domain" | "gatewayAddress">): string {
  return `${domain}:53 {
    errors
    template IN A {
        answer "{{ .Name }} 60 IN A ${gatewayAddress}"
    }
    template IN ANY {
        rcode NOERROR
    }
    health :8080
    ready :8181
    prometheus :9153
}
`;
}
