import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Consumer } from "../../kit/capability";
import { metadata } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import type { ModelServer } from "../model-server";
import type { PlannedService } from "../types";
import { PORTS, predictorName, RAY_LABELS, rayIdentity, rayPods, SERVES_LABEL, servesLabel } from "./names";
import { routePrefix } from "./serve";

/** Opens the way to Serve's port, once for each consumer: behind it are all services. */
export class ServePaths {
  private readonly opened = new Set<string>();

  constructor(private readonly namespace: DomainNamespace) {}

  open(consumer: Consumer, parent: pulumi.Resource): void {
    const key = `${consumer.pods.namespace}/${consumer.pods.instance}`;
    if (this.opened.has(key)) return;
    this.opened.add(key);
    openPath(
      `${consumer.identity.instance}-ray-serve`,
      { from: consumer.pods, to: rayPods, ports: [{ name: "serve", port: PORTS.http }], owner: consumer.identity },
      { parent, dependsOn: [consumer.namespace, this.namespace] },
    );
  }
}

export interface RayServerArgs {
  readonly service: PlannedService;
  readonly namespace: DomainNamespace;
  readonly paths: ServePaths;
  /** The RayService: it is ready when every application answers. */
  readonly ready: pulumi.Resource;
}

/** A service that Ray serves, as the gateway sees it, with its Service `<name>-predictor`. */
export function rayModelServer(args: RayServerArgs, parent: pulumi.Resource): ModelServer {
  const { service, namespace, paths, ready } = args;
  const name = predictorName(service.name);
  const identity = { ...rayIdentity("cluster"), instance: name };
  const predictor = new k8s.core.v1.Service(
    name,
    {
      metadata: metadata(identity, { namespace: namespace.name }),
      spec: {
        type: "ClusterIP",
        selector: { ...RAY_LABELS, ...SERVES_LABEL, ...servesLabel(service.name) },
        ports: [{ name: "http", port: 80, targetPort: PORTS.http }],
      },
    },
    { parent, dependsOn: [ready] },
  );
  return {
    service,
    backend: { identity, namespace, service: name, port: 80, podPort: PORTS.http, pods: rayPods },
    basePath: routePrefix(service.name),
    servedName: service.name,
    waiting: `sum(ray_serve_deployment_queued_queries{namespace="${namespace.name}",application="${service.name}"})`,
    ready: predictor,
    open: (consumer, owner) => paths.open(consumer, owner),
  };
}
