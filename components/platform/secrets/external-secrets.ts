import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource, type ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, type Exception, exceptionAnnotations, type Identity, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openApiServer } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { priorities } from "../../kit/priorities";
import { type Environment, resources } from "../../kit/sizes";

const WEBHOOK_PORT = 10250;
const METRICS = { name: "metrics", port: 8080 };

export interface ExternalSecretsArgs {
  readonly charts: ChartSource;
  /** The operator's own namespace. */
  readonly namespace: DomainNamespace;
}

/** The External Secrets Operator: fetches secrets from a store outside and writes them as Kubernetes Secrets. */
export class ExternalSecrets extends Component {
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  /** The pods that talk to the store. */
  readonly pods: PodIdentity;
  /** The account in whose name they do. */
  readonly serviceAccount: string;

  constructor(name: string, args: ExternalSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:ExternalSecrets", name, after(opts, args.namespace));
    const chart = charts.externalSecrets;
    this.namespace = args.namespace;
    this.serviceAccount = name;
    this.identity = chartIdentity(chart, { instance: name, component: "operator", domain: args.namespace.name });
    this.pods = this.podsOf(chart.name);

    this.openPaths(name);
    new Chart(
      name,
      {
        chart,
        source: args.charts,
        namespace: args.namespace.name,
        values: externalSecretsValues(args.namespace.environment),
      },
      this.child(),
    );

    this.registerOutputs({ namespace: args.namespace.name });
  }

  /** All three programs watch the API and have metrics; the webhook is called by it as well. */
  private openPaths(name: string): void {
    const software = charts.externalSecrets.name;
    const parts = [
      { role: "controller", name: software },
      { role: "webhook", name: `${software}-webhook`, webhookPorts: [WEBHOOK_PORT] },
      { role: "cert-controller", name: `${software}-cert-controller` },
    ];
    for (const part of parts) {
      const pods = this.podsOf(part.name, `${name}-${part.role}`);
      openApiServer(
        `${name}-${part.role}`,
        { pods, owner: this.identity, webhookPorts: part.webhookPorts },
        this.child(),
      );
      const identity = { ...this.identity, instance: pods.instance };
      this.namespace.telemetry.metrics({ identity, pods, port: METRICS });
    }
  }

  private podsOf(software: string, instance = this.identity.instance): PodIdentity {
    return {
      namespace: this.namespace.name,
      labels: { "app.kubernetes.io/name": software, "app.kubernetes.io/instance": this.identity.instance },
      instance,
    };
  }
}

const exceptions: Exception[] = [
  {
    rule: "service-account-token",
    reason: "the operator watches its custom resources, writes Secrets and keeps its webhook's certificate in the API",
  },
];

/** Values of the operator's chart. */
export function externalSecretsValues(environment: Environment): ChartValues {
  const several = environment === "prod";
  const podAnnotations = exceptionAnnotations(exceptions);
  const part = {
    podAnnotations,
    replicaCount: several ? 2 : 1,
    priorityClassName: priorities.platform.name,
    podDisruptionBudget: { enabled: several, minAvailable: 1 },
  };
  return {
    ...part,
    leaderElect: several,
    // Only what is used: fetching. Writing back into a store, and secrets for many namespaces at once, is not.
    processPushSecret: false,
    processClusterPushSecret: false,
    processClusterExternalSecret: false,
    resources: { ...resources(25, 96, 192) },
    webhook: { ...part, port: WEBHOOK_PORT, resources: { ...resources(10, 64, 128) } },
    // It renews the webhook's certificate; nothing waits for it.
    certController: {
      podAnnotations,
      replicaCount: 1,
      priorityClassName: priorities.platform.name,
      resources: { ...resources(10, 96, 192) },
    },
  };
}
