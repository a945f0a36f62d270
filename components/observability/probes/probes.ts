import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Trust } from "../../kit/certificates";
import { imageReference, images, imageVersion } from "../../kit/images";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace, NamespaceHandle, Namespaces } from "../../kit/namespace";
import { type NetworkPort, openPath, openWorld } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { Service } from "../../kit/service";
import { resources } from "../../kit/sizes";
import { type GatewayTrust, PROBE_TIMEOUT_SECONDS, probeConfig } from "./modules";
import { byModule, type ProbeTarget, portOf, probeSpec } from "./targets";

const PORT = 9115;
const CONFIG = "/etc/blackbox";
const AUTHORITY = "/etc/ssl/internal";

export interface ProbesArgs {
  readonly namespaces: Pick<Namespaces, "get">;
  readonly targets: readonly ProbeTarget[];
  readonly intervalSeconds: number;
  /** @default - nothing is asked through it */
  readonly gateway?: GatewayFacts;
  /** What the kind Probe is of: the Prometheus operator. */
  readonly operator: pulumi.Resource;
}

/** The gateway as it is asked. */
export interface GatewayFacts {
  /** Private address of its load balancer. */
  readonly address: string;
  /** The authority behind its certificates. */
  readonly trust: { readonly by: "authority"; readonly authority: Trust } | Exclude<GatewayTrust, { by: "authority" }>;
  /**
   * Its pods and their ports, where Cilium leads a connection to that address straight to them.
   * @default - the address is outside
   */
  readonly direct?: {
    readonly pods: PodIdentity;
    readonly namespace: NamespaceHandle;
    readonly ports: readonly NetworkPort[];
  };
}

/** The blackbox exporter, and what Prometheus has it ask: each exposed route, as somebody outside would. */
export class Probes extends Component {
  constructor(name: string, args: ProbesArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("observability");
    super("orrery:observability:Probes", name, after(opts, namespace));

    const exporter = this.createExporter(name, namespace, args.gateway);
    this.openPaths(name, exporter, args);
    this.createProbes(exporter, args);

    this.registerOutputs({ targets: args.targets.length });
  }

  private createExporter(name: string, namespace: DomainNamespace, gateway: GatewayFacts | undefined): Service {
    const authority = gateway?.trust.by === "authority" ? gateway.trust.authority : undefined;
    return new Service(
      name,
      {
        ...exporterName(namespace),
        image: imageReference(images.blackboxExporter),
        args: [`--config.file=${CONFIG}/blackbox.yml`, `--web.listen-address=:${PORT}`],
        ports: [{ name: "http", port: PORT }],
        volumes: {
          config: { path: CONFIG, files: { "blackbox.yml": probeConfig(gatewayTrust(gateway)) } },
          ...(authority && {
            configMaps: [{ name: "authority", path: AUTHORITY, configMap: authority.configMap }],
          }),
        },
        resources: resources(10, 32, 64),
        probes: { ready: { http: "/-/healthy", port: "http" }, live: { http: "/-/healthy", port: "http" } },
        metrics: { port: "http" },
      },
      after(this.child(), authority?.ready),
    );
  }

  /** To what is outside: the gateway's load balancer, and whatever else is asked. */
  private openPaths(name: string, { identity: owner, pods }: Service, { targets, gateway }: ProbesArgs): void {
    const { direct } = gateway ?? {};
    const outside = targets.filter(({ throughGateway }) => direct === undefined || throughGateway !== true);
    const ports = [...new Set(outside.map(({ address }) => portOf(address)))].sort((a, b) => a - b);
    const egress = ports.map((port) => ({ name: String(port), port }));
    if (egress.length > 0) openWorld(`${name}-world`, { pods, owner, egress }, this.child());
    if (direct === undefined) return;
    const opts = this.child({ dependsOn: [direct.namespace] });
    openPath(`${name}-gateway`, { from: pods, to: direct.pods, ports: direct.ports, owner }, opts);
  }

  private createProbes(exporter: Service, { targets, intervalSeconds, gateway, operator }: ProbesArgs): void {
    const { identity, namespace } = exporter;
    const facts = {
      exporter: `${exporter.host}:${PORT}`,
      gatewayAddress: gateway?.address,
      intervalSeconds,
      timeoutSeconds: PROBE_TIMEOUT_SECONDS + 1,
    };
    for (const [module, group] of byModule(targets)) {
      const object = `probe-${module.replaceAll("_", "-")}`;
      createProbe(object, identity, namespace.name, probeSpec(module, group, facts), {
        ...this.child({ dependsOn: [exporter, operator] }),
      });
    }
  }
}

function createProbe(
  name: string,
  identity: Identity,
  namespace: string,
  spec: object,
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.apiextensions.CustomResource(
    name,
    { apiVersion: "monitoring.coreos.com/v1", kind: "Probe", metadata: metadata(identity, { name, namespace }), spec },
    opts,
  );
}

function gatewayTrust(gateway: GatewayFacts | undefined): GatewayTrust {
  const trust = gateway?.trust ?? { by: "public" };
  return trust.by === "authority" ? { by: "authority", file: `${AUTHORITY}/ca.crt` } : trust;
}

function exporterName(namespace: DomainNamespace) {
  return {
    software: "blackbox-exporter",
    component: "probes",
    version: imageVersion(images.blackboxExporter),
    namespace,
  };
}
