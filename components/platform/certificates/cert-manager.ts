import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource, type ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import {
  chartIdentity,
  type Exception,
  exceptionAnnotations,
  type Identity,
  type PodIdentity,
  selectorLabels,
} from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { type NetworkPort, openApiServer, openWorld } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { Paths } from "../../kit/paths";
import { spreadConstraints } from "../../kit/pod";
import { priorities } from "../../kit/priorities";
import { type Environment, resources } from "../../kit/sizes";

const RELEASE = "cert-manager";
const WEBHOOK_PORT = 10250;
const METRICS = { name: "http-metrics", port: 9402 };

/** What the chart labels its programs with. */
const selectors = {
  controller: { name: "cert-manager", instance: RELEASE, component: "controller" },
  webhook: { name: "webhook", instance: RELEASE, component: "webhook" },
  cainjector: { name: "cainjector", instance: RELEASE, component: "cainjector" },
};

type Program = keyof typeof selectors;

const TOKEN: Exception = {
  rule: "service-account-token",
  reason: "it watches certificates and issuers, and writes the Secrets that they ask for",
};
const NO_READINESS: Exception = { rule: "probes", reason: "its port serves metrics: nobody's requests depend on it" };

/** The authority's API, the challenge as the authority will see it, and the zone's own name servers. */
const ACME_PORTS: readonly NetworkPort[] = [
  { name: "https", port: 443 },
  { name: "http", port: 80 },
  { name: "dns", port: 53 },
  { name: "dns-udp", port: 53, protocol: "UDP" },
];

export interface CertManagerArgs {
  readonly charts: ChartSource;
  /** cert-manager's own namespace. */
  readonly namespace: DomainNamespace;
  /** Certificates come from an authority outside, over ACME. */
  readonly acme: boolean;
  /**
   * Challenges are answered through routes of the Gateway API. Its definitions must be there first: cert-manager does
   * not start without them.
   */
  readonly gatewayApi: boolean;
}

/** cert-manager: issues and renews what Certificate resources ask for. */
export class CertManager extends Component {
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  /** ServiceAccount under which it calls the solvers of DNS-01 challenges. */
  readonly serviceAccount = RELEASE;

  constructor(args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:CertManager", RELEASE, after(opts, args.namespace));
    const chart = charts.certManager;
    const { name: namespace, environment } = args.namespace;
    this.namespace = args.namespace;
    this.identity = chartIdentity(chart, { instance: RELEASE, component: "operator", domain: namespace });

    const paths = new Paths(`${RELEASE}-paths`, (child) => this.openPaths(args, child), this.child());
    const values = certManagerValues({ environment, gatewayApi: args.gatewayApi });
    new Chart(RELEASE, { chart, source: args.charts, namespace, values }, this.child({ dependsOn: [paths] }));

    this.declareMetrics();
    this.registerOutputs({ namespace });
  }

  private declareMetrics(): void {
    const { identity, namespace } = this;
    for (const program of Object.keys(selectors) as Program[]) {
      const pods = programPods(program, namespace.name);
      namespace.telemetry.metrics({ identity: { ...identity, instance: pods.instance }, pods, port: METRICS });
    }
  }

  /** Before the release: its last step is a Job that asks the API server, which asks the webhook. */
  private openPaths(args: CertManagerArgs, opts: pulumi.CustomResourceOptions): void {
    const { name: namespace } = args.namespace;
    const owner = this.identity;
    openApiServer(`${RELEASE}-api-server`, { pods: allPods(namespace), owner }, opts);
    openApiServer(
      `${RELEASE}-webhook-api-server`,
      { pods: programPods("webhook", namespace), owner, webhookPorts: [WEBHOOK_PORT] },
      opts,
    );
    if (args.acme) {
      const controller = programPods("controller", namespace);
      openWorld(`${RELEASE}-world`, { pods: controller, owner, egress: ACME_PORTS }, opts);
    }
  }
}

/** Everything of the release, the Job at its end too. */
function allPods(namespace: string): PodIdentity {
  return { namespace, labels: { "app.kubernetes.io/instance": RELEASE }, instance: RELEASE };
}

function programPods(program: Program, namespace: string): PodIdentity {
  return { namespace, labels: selectorLabels(selectors[program]), instance: `${RELEASE}-${program}` };
}

export interface CertManagerFacts {
  readonly environment: Environment;
  readonly gatewayApi: boolean;
}

/** Values of cert-manager's chart. Its security contexts are at the restricted level as they come. */
export function certManagerValues({ environment, gatewayApi }: CertManagerFacts): ChartValues {
  const several = environment === "prod";
  const program = (component: Program, cpu: number, memory: number, limit: number): ChartValues => ({
    replicaCount: several ? 2 : 1,
    podDisruptionBudget: { enabled: several },
    resources: { ...resources(cpu, memory, limit) },
    topologySpreadConstraints: several ? spreadConstraints(selectors[component]) : [],
    podAnnotations: exceptionAnnotations([TOKEN, ...(component === "webhook" ? [] : [NO_READINESS])]),
  });
  return {
    global: {
      leaderElection: { namespace: "cert-manager" },
      priorityClassName: priorities.platform.name,
    },
    // Kept when the release goes: with the definitions every certificate would go, and every Gateway's with it.
    crds: { enabled: true, keep: true },
    ...program("controller", 50, 128, 256),
    webhook: program("webhook", 20, 64, 128),
    cainjector: program("cainjector", 50, 128, 256),
    startupapicheck: { resources: { ...resources(10, 32, 128) } },
    ...(gatewayApi
      ? {
          config: {
            apiVersion: "controller.config.cert-manager.io/v1alpha1",
            kind: "ControllerConfiguration",
            enableGatewayAPI: true,
          },
        }
      : {}),
  };
}
