import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Consumer } from "../../kit/capability";
import { createDisruptionBudget } from "../../kit/disruption-budget";
import { type Identity, metadata, type PodIdentity, podIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { Backend } from "../../kit/route";
import { serviceIdentity } from "../../kit/service";
import type { ModelFiles } from "../cache/types";
import { ENGINE_PORT_NAME, type EngineContainer } from "../engines/types";
import type { ModelServer } from "../model-server";
import { PREDICTOR_PORT, plainName, plainPods, predictorName } from "../servers/pods";
import { MODEL_NAMESPACE, type PlannedService } from "../types";
import { inferenceServiceAnnotations, inferenceServiceSpec } from "./spec";

export interface KServeServerArgs {
  readonly namespaces: Namespaces;
  /** Its name is the InferenceService's; a change of it replaces everything. */
  readonly service: PlannedService;
  readonly container: EngineContainer;
  readonly files: ModelFiles;
  /** What makes it: KServe. */
  readonly operator: pulumi.Resource;
}

/** One model, as an InferenceService: KServe makes a Deployment and a Service `<name>-predictor` of it. */
export class KServeServer extends Component implements ModelServer {
  readonly service: PlannedService;
  readonly backend: Backend;
  readonly basePath?: string;
  readonly servedName: string;
  readonly waiting?: string;
  readonly scaleTargets?: ModelServer["scaleTargets"];
  readonly ready: pulumi.Resource;
  private readonly identity: Identity;
  private readonly pods: PodIdentity;
  private readonly namespace: DomainNamespace;
  private readonly opened = new Set<string>();

  constructor(args: KServeServerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { service, container, files, operator } = args;
    const namespace = args.namespaces.get(MODEL_NAMESPACE);
    const name = predictorName(service.name);
    super("orrery:inference:KServeServer", name, after(opts, namespace, files.ready, operator));
    this.service = service;
    this.namespace = namespace;
    this.identity = serviceIdentity(name, plainName({ service, container, files }, namespace));
    this.pods = podIdentity(this.identity, namespace.name);
    this.servedName = container.servedName;
    this.basePath = container.basePath;
    this.waiting = container.waiting?.(`namespace="${namespace.name}",service="${name}"`);
    this.backend = {
      identity: this.identity,
      namespace,
      service: name,
      port: PREDICTOR_PORT,
      podPort: container.port,
      pods: this.pods,
    };
    if (service.scaling !== undefined) {
      this.scaleTargets = [{ apiVersion: "apps/v1", kind: "Deployment", name, replicas: service.replicas }];
    }

    this.ready = this.createInferenceService(args);
    this.declareMetrics(container);
    this.registerOutputs({ host: `${name}.${namespace.name}.svc`, port: PREDICTOR_PORT });
  }

  open(consumer: Consumer, parent: pulumi.Resource): void {
    const { pods } = consumer;
    const path = `${pods.namespace}/${pods.instance}`;
    if (this.opened.has(path)) return;
    this.opened.add(path);
    openPath(
      `${consumer.identity.instance}-${this.identity.instance}`,
      {
        from: pods,
        to: this.pods,
        ports: [{ name: ENGINE_PORT_NAME, port: this.backend.podPort! }],
        owner: consumer.identity,
      },
      { parent, dependsOn: [consumer.namespace, this.namespace] },
    );
  }

  private createInferenceService({ service, container, files }: KServeServerArgs): pulumi.Resource {
    const { identity, namespace } = this;
    const name = identity.instance;
    const account = new k8s.core.v1.ServiceAccount(
      name,
      { metadata: metadata(identity, { namespace: namespace.name }), automountServiceAccountToken: false },
      this.child(),
    );
    if (service.replicas > 1) createDisruptionBudget(name, { identity, namespace: namespace.name }, this.child());
    const minutes = plainPods({ service, container, files }).startMinutes ?? 10;
    return new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion: "serving.kserve.io/v1beta1",
        kind: "InferenceService",
        metadata: metadata(identity, {
          name: service.name,
          namespace: namespace.name,
          annotations: { ...inferenceServiceAnnotations(service), "pulumi.com/waitFor": "condition=Ready" },
        }),
        spec: inferenceServiceSpec({ service, container, files, identity }),
      },
      pulumi.mergeOptions(this.child({ dependsOn: [account] }), {
        customTimeouts: { create: `${minutes}m`, update: `${minutes}m` },
      }),
    );
  }

  private declareMetrics({ metricsPath: path, port }: EngineContainer): void {
    if (path === undefined) return;
    const { identity, pods } = this;
    this.namespace.telemetry.metrics({ identity, pods, port: { name: ENGINE_PORT_NAME, port }, path });
  }
}
