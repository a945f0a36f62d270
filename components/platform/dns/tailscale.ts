import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openApiServer, openWorld } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { Paths } from "../../kit/paths";
import type { SecretSource } from "../../kit/secret-source";
import {
  connectorPolicySpec,
  connectorSpec,
  PROXY_CLASS,
  PROXY_LABELS,
  PROXY_METRICS,
  proxyClassSpec,
  type TailscaleFacts,
  tailscaleValues,
} from "./tailscale-specs";

const NAME = "tailscale-operator";

/** The Secret that the chart reads where its values hold no credentials. */
const OAUTH_SECRET = "operator-oauth";

export interface TailscaleArgs extends TailscaleFacts {
  readonly charts: ChartSource;
  readonly namespace: DomainNamespace;
  readonly secrets: SecretSource;
  /** CIDRs that the tailnet reaches through the cluster. */
  readonly routes: readonly string[];
}

/** The Tailscale operator, and a subnet router that lets the tailnet into the private network. */
export class Tailscale extends Component {
  /** Pods of the subnet routers. */
  readonly pods: PodIdentity;
  readonly identity: Identity;

  constructor(
    private readonly args: TailscaleArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:platform:Tailscale", NAME, after(opts, args.namespace));
    const chart = charts.tailscaleOperator;
    const namespace = args.namespace.name;
    this.identity = chartIdentity(chart, { instance: NAME, component: "operator", domain: namespace });
    this.pods = { namespace, labels: PROXY_LABELS, instance: "tailscale-routers" };

    const oauth = this.createCredentials();
    const paths = new Paths(`${NAME}-paths`, (child) => this.openPaths(child), this.child());
    const release = new Chart(
      NAME,
      { chart, source: args.charts, namespace, values: tailscaleValues(args) },
      this.child({ dependsOn: [paths, oauth] }),
    );
    this.createRouter(release);
    const routers = { ...this.identity, instance: this.pods.instance, component: "router" };
    args.namespace.telemetry.metrics({ identity: routers, pods: this.pods, port: PROXY_METRICS });

    this.registerOutputs({ routes: args.routes });
  }

  private createCredentials(): pulumi.Resource {
    const { ready } = this.args.secrets.secret(
      OAUTH_SECRET,
      {
        secretName: OAUTH_SECRET,
        namespace: this.pods.namespace,
        owner: this.identity,
        keys: { client_id: "tailscale-client-id", client_secret: "tailscale-client-secret" },
      },
      this.child(),
    );
    return ready;
  }

  private openPaths(opts: pulumi.CustomResourceOptions): void {
    const { identity: owner, pods } = this;
    const operator: PodIdentity = { ...pods, labels: { app: "operator" }, instance: NAME };
    openApiServer(`${NAME}-api-server`, { pods: operator, owner }, opts);
    // The operator is a device of the tailnet itself.
    openWorld(`${NAME}-world`, { pods: operator, owner, egress: [{ name: "https", port: 443 }] }, opts);
    // Each router keeps its state in a Secret.
    openApiServer(`${NAME}-routers-api-server`, { pods, owner }, opts);
    new k8s.apiextensions.CustomResource(
      `${NAME}-routers-world`,
      {
        apiVersion: "cilium.io/v2",
        kind: "CiliumNetworkPolicy",
        metadata: metadata(owner, { name: `${pods.instance}-world`, namespace: pods.namespace }),
        spec: connectorPolicySpec(),
      },
      opts,
    );
  }

  private createRouter(release: Chart): void {
    const { args, identity } = this;
    const tailscale = (kind: "Connector" | "ProxyClass", name: string, spec: object, earlier: pulumi.Resource) =>
      new k8s.apiextensions.CustomResource(
        `${NAME}-${kind.toLowerCase()}`,
        {
          apiVersion: "tailscale.com/v1alpha1",
          kind,
          metadata: metadata(identity, {
            name,
            annotations: { "pulumi.com/waitFor": `condition=${kind}Ready` },
          }),
          spec,
        },
        this.child({ dependsOn: [earlier] }),
      );
    const proxyClass = tailscale("ProxyClass", PROXY_CLASS, proxyClassSpec(), release);
    const { environment } = args.namespace;
    tailscale("Connector", args.clusterName, connectorSpec({ ...args, environment }), proxyClass);
  }
}
