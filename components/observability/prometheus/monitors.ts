import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { domains } from "../../kit/domains";
import { type Identity, metadata } from "../../kit/labels";
import type { NamespaceHandle, Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import type { MetricsTarget, Telemetry } from "../../kit/telemetry";
import { clusterMonitors } from "./cluster-monitors";
import { scrapeEgressSpec, scrapeIngressSpec, scrapeNodesSpec } from "./paths";
import { monitorName, podMonitorSpec } from "./pod-monitor";
import type { Prometheus } from "./prometheus";

export interface MonitorsArgs {
  /** Brings the definitions of monitors. */
  readonly operator: pulumi.Resource;
  readonly prometheus: Prometheus;
  readonly telemetry: Pick<Telemetry, "scraped">;
  readonly namespaces: Pick<Namespaces, "get">;
}

/**
 * A monitor and a network path for everything that said that it serves metrics, and for Kubernetes' own parts. It comes
 * last: what is made after it is not seen.
 */
export class Monitors extends Component {
  constructor(name: string, args: MonitorsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:observability:Monitors", name, after(opts, args.operator));
    const targets = distinct(args.telemetry.scraped);

    this.createEgress(name, args.prometheus, targets);
    for (const target of targets) this.createTarget(target, args);
    for (const monitor of clusterMonitors()) {
      const identity = kubernetesIdentity(monitor.name);
      createMonitor(monitor.name, { kind: "ServiceMonitor", identity, ...monitor }, this.child());
    }

    this.registerOutputs({ targets: targets.length });
  }

  /** One object with all paths, so that a new target is a change of it and not one more. */
  private createEgress(
    name: string,
    { identity, pods, namespace }: Prometheus,
    targets: readonly MetricsTarget[],
  ): void {
    const at = (suffix: string) =>
      metadata(identity, { name: `${identity.instance}-${suffix}`, namespace: namespace.name });
    new k8s.networking.v1.NetworkPolicy(
      `${name}-egress`,
      { metadata: at("scrapes"), spec: scrapeEgressSpec(pods, targets) },
      this.child(),
    );
    new k8s.apiextensions.CustomResource(
      `${name}-nodes`,
      {
        apiVersion: "cilium.io/v2",
        kind: "CiliumNetworkPolicy",
        metadata: at("scrapes-nodes"),
        spec: scrapeNodesSpec(pods, targets),
      },
      this.child(),
    );
  }

  private createTarget(target: MetricsTarget, { prometheus, namespaces }: MonitorsArgs): void {
    const { identity, pods } = target;
    const name = monitorName(target);
    // A namespace that is there without the program denies nothing, and nodes have no policy of their own.
    const domain = domainOf(pods.namespace);
    const namespace = domain && namespaces.get(domain);
    const opts = this.child({ dependsOn: namespace === undefined ? [] : [namespace satisfies NamespaceHandle] });
    createMonitor(
      `${pods.namespace}-${name}`,
      { kind: "PodMonitor", name, namespace: pods.namespace, identity, spec: podMonitorSpec(target) },
      opts,
    );
    if (namespace === undefined || target.hostNetwork === true) return;
    new k8s.networking.v1.NetworkPolicy(
      `${pods.namespace}-${name}-scraped`,
      {
        metadata: metadata(identity, { name: `${name}-scraped`, namespace: pods.namespace }),
        spec: scrapeIngressSpec(prometheus.pods, target),
      },
      opts,
    );
  }
}

interface Monitor {
  readonly kind: "PodMonitor" | "ServiceMonitor";
  readonly name: string;
  readonly namespace: string;
  readonly identity: Identity;
  readonly spec: object;
}

function createMonitor(
  name: string,
  { kind, name: object, namespace, identity, spec }: Monitor,
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.apiextensions.CustomResource(
    name,
    { apiVersion: "monitoring.coreos.com/v1", kind, metadata: metadata(identity, { name: object, namespace }), spec },
    opts,
  );
}

function kubernetesIdentity(instance: string): Identity {
  return { name: instance, instance, component: "kubernetes", domain: "kube-system" };
}

function domainOf(namespace: string): keyof typeof domains | undefined {
  return Object.hasOwn(domains, namespace) ? (namespace as keyof typeof domains) : undefined;
}

/** @throws where two targets would have the same monitor: one of them would not be scraped. */
function distinct(targets: readonly MetricsTarget[]): readonly MetricsTarget[] {
  const names = targets.map((target) => `${target.pods.namespace}/${monitorName(target)}`);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) {
    throw new Error(
      `Metrics of the same instance and port were declared more than once: ${[...new Set(twice)].join(", ")}. ` +
        "Give each an identity of its own, or declare it once.",
    );
  }
  return targets;
}
