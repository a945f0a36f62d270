import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { imageReference, images } from "../../kit/images";
import { metadata } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { openPath, openPeers, openWorld } from "../../kit/network-policy";
import { Operator } from "../../kit/operator";
import { after } from "../../kit/options";
import type { ModelCache } from "../cache/types";
import type { ModelServer } from "../model-server";
import { MODEL_NAMESPACE, type PlannedService } from "../types";
import { RayModelFiles } from "./files";
import { type SharingOf, type WorkerGroup, workerGroups } from "./groups";
import { GROUP_LABEL, PEER_PORTS, PORTS, RAY_LABELS, RAY_NAME, rayIdentity, rayPods } from "./names";
import { OPERATOR_METRICS, rayOperatorValues } from "./operator";
import { programFiles, programOf } from "./programs";
import { rayModelServer, ServePaths } from "./server";
import { rayServiceSpec } from "./spec";

export interface RayArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** Those with the server `ray`; at least one. */
  readonly services: readonly PlannedService[];
  /** How the GPUs of a machine are shared. */
  readonly sharingOf: SharingOf;
  readonly cache: ModelCache;
  /**
   * An image with Ray, vLLM and every package of the programs; a change replaces the cluster. @default - the public one,
   * and what it lacks is fetched from the internet whenever a pod starts
   */
  readonly image?: string;
}

/** KubeRay, and one Ray cluster that serves all models that Ray is to serve. */
export class Ray extends Component {
  /** In the order of the services. */
  readonly servers: readonly ModelServer[];

  constructor(name: string, args: RayArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get(MODEL_NAMESPACE);
    super("orrery:inference:Ray", name, after(opts, namespace));
    const groups = workerGroups(args.services, args.sharingOf);

    const operator = this.createOperator(args);
    this.createPaths(namespace, operator, groups, args.image);
    const ready = this.createService(namespace, operator, groups, args);
    const paths = new ServePaths(namespace);
    this.servers = args.services.map((service) => rayModelServer({ service, namespace, paths, ready }, this));
    namespace.telemetry.metrics({
      identity: rayIdentity("cluster"),
      pods: rayPods,
      port: { name: "metrics", port: PORTS.metrics },
    });

    this.registerOutputs({ services: args.services.map((service) => service.name) });
  }

  private createOperator({ charts: source, namespaces }: RayArgs): Operator {
    return new Operator(
      "kuberay-operator",
      {
        chart: charts.kuberay,
        charts: source,
        namespace: namespaces.get("kuberay-system"),
        values: rayOperatorValues(MODEL_NAMESPACE),
        metrics: { port: OPERATOR_METRICS },
      },
      this.child(),
    );
  }

  private createPaths(
    namespace: DomainNamespace,
    operator: Operator,
    groups: readonly WorkerGroup[],
    image: string | undefined,
  ): void {
    const owner = rayIdentity("cluster");
    const child = this.child({ dependsOn: [namespace, operator.namespace] });
    openPeers(`${RAY_NAME}-peers`, { pods: rayPods, ports: PEER_PORTS, owner }, child);
    // The operator hands the head its applications, asks how they are, and whether its proxy answers.
    const asked = [
      { name: "dashboard", port: PORTS.dashboard },
      { name: "serve", port: PORTS.http },
    ];
    openPath(`${RAY_NAME}-operator`, { from: operator.pods, to: rayPods, ports: asked, owner }, child);
    for (const group of image === undefined ? groups.filter(fetchesPackages) : []) {
      const pods = { ...rayPods, labels: { ...RAY_LABELS, [GROUP_LABEL]: group.name }, instance: group.name };
      openWorld(`${RAY_NAME}-${group.name}-packages`, { pods, owner, egress: [{ name: "https", port: 443 }] }, child);
    }
  }

  private createService(
    namespace: DomainNamespace,
    operator: Operator,
    groups: readonly WorkerGroup[],
    { services, cache, image }: RayArgs,
  ): pulumi.Resource {
    const at = { namespace: namespace.name };
    const child = this.child();
    const identity = rayIdentity("cluster");
    const files = new RayModelFiles(cache);
    const programs = programFiles();
    const spec = rayServiceSpec({
      services,
      groups,
      programs,
      filesOf: (service, machine) => files.of(service, machine),
      environment: namespace.environment,
      headImage: image ?? imageReference(images.ray),
      workerImage: image ?? imageReference(images.rayLlm),
      complete: image !== undefined,
    });
    const account = new k8s.core.v1.ServiceAccount(
      RAY_NAME,
      { metadata: metadata(identity, at), automountServiceAccountToken: false },
      child,
    );
    const config = new k8s.core.v1.ConfigMap(RAY_NAME, { metadata: metadata(identity, at), data: programs }, child);
    return new k8s.apiextensions.CustomResource(
      RAY_NAME,
      {
        apiVersion: "ray.io/v1",
        kind: "RayService",
        metadata: metadata(identity, {
          ...at,
          annotations: {
            "pulumi.com/waitFor": "condition=Ready",
            // The GPUs are free only when its pods are gone.
            "pulumi.com/deletionPropagationPolicy": "foreground",
          },
        }),
        spec,
      },
      this.child({
        dependsOn: [operator, account, config, ...files.ready],
        // The operator leaves a running cluster as it is: `upgradeStrategy` in spec.ts.
        replaceOnChanges: ["spec.rayClusterConfig"],
        deleteBeforeReplace: true,
        customTimeouts: { create: "60m", update: "60m", delete: "20m" },
      }),
    );
  }
}

/** Whether a replica in it needs packages that the public image lacks. */
const fetchesPackages = ({ services }: WorkerGroup) =>
  services.some((service) => programOf(service).packages.length > 0);
