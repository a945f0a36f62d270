import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { type Identity, metadata } from "../../kit/labels";
import { objectName } from "./names";
import type { StreamSubjects } from "./permissions";
import { type StreamDefinition, streamSpec } from "./streams";

export interface StreamArgs {
  readonly definition: StreamDefinition;
  /** Servers of the cluster. */
  readonly servers: number;
  readonly owner: Identity;
  readonly namespace: string;
}

/** A stream, made by NACK from a custom resource. It stays with its messages when the resource goes. */
export class Stream extends Component implements StreamSubjects {
  readonly stream: string;
  readonly subjects: readonly string[];

  constructor(
    name: string,
    { definition, servers, owner, namespace }: StreamArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:data:Stream", name, opts);
    this.stream = definition.name;
    this.subjects = definition.subjects;
    const spec = streamSpec(definition, servers);
    createJetStreamObject(name, "Stream", { name: objectName(definition.name), owner, namespace, spec }, this.child());
    this.registerOutputs({ stream: this.stream });
  }
}

/** A custom resource of NACK's, and its word that it has done what it says. */
export function createJetStreamObject(
  name: string,
  kind: "Stream" | "Consumer",
  object: { readonly name: string; readonly owner: Identity; readonly namespace: string; readonly spec: object },
  opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
  const { owner, namespace, spec } = object;
  const annotations = { "pulumi.com/waitFor": "condition=Ready" };
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "jetstream.nats.io/v1beta2",
      kind,
      metadata: metadata(owner, { name: object.name, namespace, annotations }),
      spec,
    },
    { ...opts, customTimeouts: { create: "20m", update: "20m" } },
  );
}
