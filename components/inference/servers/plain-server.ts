import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Consumer } from "../../kit/capability";
import { createDisruptionBudget } from "../../kit/disruption-budget";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { Backend } from "../../kit/route";
import { Service } from "../../kit/service";
import type { ModelCache } from "../cache/types";
import { ENGINE_PORT_NAME, type EngineContainer, engineContainer } from "../engines";
import type { ModelServer, ScaleTarget } from "../model-server";
import { MODEL_NAMESPACE, type PlannedService } from "../types";
import { MODEL_LABEL, PREDICTOR_PORT, plainName, plainPods, predictorName } from "./pods";

export interface PlainModelServerArgs {
  readonly namespaces: Namespaces;
  /** Its name is part of everything's name; a change of it replaces everything. */
  readonly service: PlannedService;
  readonly cache: ModelCache;
}

/** A Deployment, and what it serves. */
interface Workload {
  readonly name: string;
  readonly container: EngineContainer;
  readonly backend: Backend;
  readonly target: ScaleTarget;
}

/**
 * One model, served by its engine as a Deployment behind the Service `<name>-predictor`, port 80. Replicas on GPUs are a
 * Deployment for each machine: each machine has the model on a volume of its own, which pods elsewhere cannot mount.
 */
export class PlainModelServer extends Component implements ModelServer {
  readonly service: PlannedService;
  readonly backend: Backend;
  readonly basePath?: string;
  readonly servedName: string;
  readonly waiting?: string;
  readonly scaleTargets?: readonly ScaleTarget[];
  readonly ready: pulumi.Resource = this;
  private readonly namespace: DomainNamespace;
  private readonly opened = new Set<string>();

  constructor(args: PlainModelServerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { service } = args;
    const namespace = args.namespaces.get(MODEL_NAMESPACE);
    const name = predictorName(service.name);
    super("orrery:inference:PlainModelServer", name, after(opts, namespace));
    this.service = service;
    this.namespace = namespace;

    const workloads = this.createWorkloads(name, args);
    const { container } = workloads[0]!;
    this.backend = workloads.length === 1 ? workloads[0]!.backend : this.createFront(name, workloads);
    this.servedName = container.servedName;
    this.basePath = container.basePath;
    this.waiting = container.waiting?.(matchers(namespace.name, workloads));
    if (service.scaling !== undefined) this.scaleTargets = workloads.map(({ target }) => target);
    this.registerOutputs({ host: `${name}.${namespace.name}.svc`, port: PREDICTOR_PORT });
  }

  open(consumer: Consumer, parent: pulumi.Resource): void {
    const { pods, podPort, port, identity } = this.backend;
    const path = `${consumer.pods.namespace}/${consumer.pods.instance}`;
    if (this.opened.has(path)) return;
    this.opened.add(path);
    openPath(
      `${consumer.identity.instance}-${identity.instance}`,
      {
        from: consumer.pods,
        to: pods,
        ports: [{ name: ENGINE_PORT_NAME, port: podPort ?? port }],
        owner: consumer.identity,
      },
      { parent, dependsOn: [consumer.namespace, this.namespace] },
    );
  }

  private createWorkloads(name: string, args: PlainModelServerArgs): Workload[] {
    const machines = machinesOf(args.service);
    if (machines.length <= 1) return [this.createWorkload(name, args)];
    return machines.map((machine) => this.createWorkload(`${name}-${machine}`, args, machine));
  }

  private createWorkload(name: string, { service, cache }: PlainModelServerArgs, machine?: string): Workload {
    const files = cache.files(service, machine);
    const container = engineContainer(service, files);
    const facts = { service, container, files, machine };
    const request = { ...plainName(facts, this.namespace), ...plainPods(facts) };
    const made = new Service(name, request, after(this.child(), files.ready));
    const target = { apiVersion: "apps/v1", kind: "Deployment", name, replicas: request.replicas ?? 1 };
    return { name, container, backend: made.backend(ENGINE_PORT_NAME), target };
  }

  /** The Service under the one name before workloads on several machines; one of them at a time may be drained. */
  private createFront(name: string, [first]: readonly Workload[]): Backend {
    const { backend } = first!;
    const namespace = this.namespace.name;
    const identity: Identity = { ...backend.identity, instance: name };
    const pods: PodIdentity = {
      namespace,
      labels: {
        "app.kubernetes.io/name": identity.name,
        "app.kubernetes.io/component": identity.component,
        [MODEL_LABEL]: this.service.name,
      },
      instance: name,
    };
    new k8s.core.v1.Service(
      name,
      {
        metadata: metadata(identity, { namespace }),
        spec: {
          type: "ClusterIP",
          selector: { ...pods.labels },
          ports: [{ name: ENGINE_PORT_NAME, port: PREDICTOR_PORT, targetPort: ENGINE_PORT_NAME }],
        },
      },
      this.child(),
    );
    createDisruptionBudget(name, { identity, namespace, podLabels: pods.labels }, this.child());
    return { ...backend, identity, service: name, pods };
  }
}

/** Machines of its replicas, each once; none on CPUs. */
function machinesOf({ place }: PlannedService): string[] {
  return place.kind === "gpu" ? [...new Set(place.machines)] : [];
}

/** Of the metrics of all its pods. */
function matchers(namespace: string, workloads: readonly Workload[]): string {
  const names = workloads.map(({ name }) => name);
  const service = names.length === 1 ? `service="${names[0]}"` : `service=~"${names.join("|")}"`;
  return `namespace="${namespace}",${service}`;
}
