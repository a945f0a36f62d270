import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../base";
import { Chart, type ChartSource } from "../../../kit/chart";
import { charts } from "../../../kit/charts";
import { type Identity, metadata, type PodIdentity } from "../../../kit/labels";
import { type NetworkPort, openApiServer, openPath } from "../../../kit/network-policy";
import { after } from "../../../kit/options";
import { Paths } from "../../../kit/paths";
import { GATEWAY_NAMESPACE } from "../names";
import type { IstioControlPlane } from "./control-plane";
import { strictSpec, tunnelSpec } from "./mesh-specs";
import { CNI_LABELS, cniValues, ZTUNNEL_LABELS, ztunnelValues } from "./values";

export interface IstioMeshArgs {
  readonly charts: ChartSource;
  readonly controlPlane: IstioControlPlane;
}

/**
 * Istio's ambient mesh: an agent and a proxy on each node, which encrypt what the pods of labelled namespaces say to
 * each other. Nothing is added to the pods themselves.
 */
export class IstioMesh extends Component {
  constructor(name: string, args: IstioMeshArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:IstioMesh", name, after(opts, args.controlPlane));
    const { namespace, identity } = args.controlPlane;
    const pods = (labels: Readonly<Record<string, string>>, instance: string): PodIdentity => ({
      namespace: namespace.name,
      labels,
      instance,
    });
    const agents = pods(CNI_LABELS, "istio-cni");
    const proxies = pods(ZTUNNEL_LABELS, "ztunnel");

    const paths = new Paths(`${name}-paths`, (child) => openPaths(name, args, agents, proxies, child), this.child());
    const install = (release: string, rest: Pick<ConstructorParameters<typeof Chart>[1], "chart" | "values">) =>
      new Chart(
        release,
        { ...rest, source: args.charts, namespace: namespace.name },
        this.child({ dependsOn: [paths] }),
      );
    const cni = install("istio-cni", { chart: charts.istioCni, values: cniValues() });
    const ztunnel = install("ztunnel", { chart: charts.ztunnel, values: ztunnelValues() });
    this.createRules(name, identity, this.child({ dependsOn: [cni, ztunnel] }));
    const metrics = (each: PodIdentity, port: NetworkPort, path?: string) =>
      namespace.telemetry.metrics({
        identity: { ...identity, instance: each.instance, component: "mesh" },
        pods: each,
        port,
        ...(path === undefined ? {} : { path }),
      });
    metrics(agents, { name: "metrics", port: 15014 });
    metrics(proxies, { name: "ztunnel-stats", port: 15020 }, "/stats/prometheus");

    this.registerOutputs({});
  }

  private createRules(name: string, owner: Identity, opts: pulumi.CustomResourceOptions): void {
    new k8s.apiextensions.CustomResource(
      `${name}-tunnel`,
      {
        apiVersion: "cilium.io/v2",
        kind: "CiliumClusterwideNetworkPolicy",
        metadata: metadata(owner, { name: "istio-mesh" }),
        specs: tunnelSpec(GATEWAY_NAMESPACE),
      },
      opts,
    );
    new k8s.apiextensions.CustomResource(
      `${name}-strict`,
      {
        apiVersion: "security.istio.io/v1",
        kind: "PeerAuthentication",
        // In the control plane's namespace and under this name it is for the whole mesh.
        metadata: metadata(owner, { name: "default", namespace: owner.domain }),
        spec: strictSpec(),
      },
      opts,
    );
  }
}

/** The agents watch the pods of their node; the proxies get configuration and certificates. */
function openPaths(
  name: string,
  { controlPlane }: IstioMeshArgs,
  agents: PodIdentity,
  proxies: PodIdentity,
  opts: pulumi.CustomResourceOptions,
): void {
  const { identity: owner, pods, xds } = controlPlane;
  openApiServer(`${name}-cni-api-server`, { pods: agents, owner }, opts);
  openPath(`${name}-ztunnel`, { from: proxies, to: pods, ports: [xds], owner }, opts);
}
