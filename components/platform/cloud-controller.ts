import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { Chart, type ChartSource, type ChartValues } from "../kit/chart";
import { charts } from "../kit/charts";
import { chartPods, type Identity, metadata } from "../kit/labels";
import { resources } from "../kit/sizes";
import type { Telemetry } from "../kit/telemetry";
import { CLOUD_CONTROLLER_METRICS_PORT } from "../talos/config/ingress";
import { KUBEPRISM } from "./cilium-values";

/** The Secret that the cloud controller and the volume driver read, in kube-system. */
export const HCLOUD_SECRET = "hcloud";

const NAMESPACE = "kube-system";

/** How the cluster talks to the Hetzner Cloud. */
export interface HcloudAccess {
  /** API token with read and write access. */
  readonly token: pulumi.Input<string>;
  /** Base URL of the API. @default - Hetzner's own */
  readonly endpoint?: string;
  /** The network that the servers are in. */
  readonly networkId: pulumi.Input<string | number>;
  /** Where load balancers are made, unless a Service says otherwise. @default - each Service must say it */
  readonly location?: string;
  /**
   * Web service credentials for dedicated machines, with which their nodes get addresses and types.
   * @default - dedicated nodes are left alone, and are configured not to wait for the cloud controller
   */
  readonly robot?: { readonly user: pulumi.Input<string>; readonly password: pulumi.Input<string> };
}

export interface CloudControllerArgs {
  readonly charts: ChartSource;
  readonly hcloud: HcloudAccess;
  /** Addresses of all pods. */
  readonly podCidr: string;
  /** Where it says what it serves. @default - nobody listens */
  readonly telemetry?: Telemetry;
}

/**
 * The Hetzner cloud controller: tells Kubernetes what the nodes are, removes nodes whose server is gone, and makes load
 * balancers. Nodes wait for it with a taint, so it runs where nothing else can yet: on the control planes, in the
 * host's network, before there is a pod network.
 */
export class CloudController extends Component {
  constructor(name: string, args: CloudControllerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:CloudController", name, opts);

    const secret = createSecret(name, args.hcloud, this.child());
    new Chart(
      name,
      {
        chart: charts.cloudController,
        source: args.charts,
        namespace: NAMESPACE,
        values: cloudControllerValues(args),
      },
      this.child({ dependsOn: [secret] }),
    );

    args.telemetry?.metrics({
      identity: identityOf(name),
      pods: chartPods(charts.cloudController, name, NAMESPACE),
      port: { name: "metrics", port: CLOUD_CONTROLLER_METRICS_PORT },
      hostNetwork: true,
    });
    this.registerOutputs({ secretName: HCLOUD_SECRET });
  }
}

function createSecret(name: string, hcloud: HcloudAccess, opts: pulumi.CustomResourceOptions): k8s.core.v1.Secret {
  return new k8s.core.v1.Secret(
    `${name}-secret`,
    {
      metadata: metadata(identityOf(name), { name: HCLOUD_SECRET, namespace: NAMESPACE }),
      type: "Opaque",
      stringData: {
        token: hcloud.token,
        network: pulumi.output(hcloud.networkId).apply(String),
        ...(hcloud.robot === undefined
          ? {}
          : { "robot-user": hcloud.robot.user, "robot-password": hcloud.robot.password }),
      },
    },
    opts,
  );
}

function identityOf(name: string): Identity {
  return { name: charts.cloudController.name, instance: name, component: "cloud-controller", domain: "platform" };
}

export interface CloudControllerFacts {
  readonly podCidr: string;
  readonly hcloud: { readonly endpoint?: string; readonly location?: string; readonly robot?: unknown };
}

/** Values of the cloud controller's chart. */
export function cloudControllerValues(args: CloudControllerFacts): ChartValues {
  const { endpoint, location } = args.hcloud;
  return {
    // One on each control plane, with an election: a Deployment in the host's network cannot roll on a single node,
    // because the old pod holds the port that the new one needs.
    kind: "DaemonSet",
    nodeSelector: { "node-role.kubernetes.io/control-plane": "" },
    // A node without a pod network is not ready, and this must run on it.
    additionalTolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists" }],
    networking: { enabled: true, clusterCIDR: args.podCidr },
    robot: { enabled: args.hcloud.robot !== undefined },
    resources: { ...resources(100, 64, 256) },
    env: {
      // No Service addresses before Cilium: straight to Talos's own load balancer.
      KUBERNETES_SERVICE_HOST: { value: KUBEPRISM.host },
      KUBERNETES_SERVICE_PORT: { value: String(KUBEPRISM.port) },
      // Pods are reached through Cilium's tunnel: routes in the Hetzner network would be 100 at most, for nothing.
      HCLOUD_NETWORK_ROUTES_ENABLED: { value: "false" },
      HCLOUD_LOAD_BALANCERS_USE_PRIVATE_IP: { value: "true" },
      HCLOUD_LOAD_BALANCERS_DISABLE_PRIVATE_INGRESS: { value: "true" },
      ...(location === undefined ? {} : { HCLOUD_LOAD_BALANCERS_LOCATION: { value: location } }),
      ...(endpoint === undefined ? {} : { HCLOUD_ENDPOINT: { value: endpoint } }),
    },
  };
}
