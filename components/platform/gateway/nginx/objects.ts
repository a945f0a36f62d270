import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Identity, metadata } from "../../../kit/labels";
import { type IngressFacts, ingressSpec } from "./ingress";

export interface IngressPlace {
  /** Name in the cluster. */
  readonly name: string;
  readonly namespace: string;
  readonly annotations?: Record<string, string>;
}

/** Creates an Ingress; it is there when the controller has written the load balancer's addresses into it. */
export function createIngress(
  name: string,
  owner: Identity,
  place: IngressPlace,
  facts: IngressFacts,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new k8s.networking.v1.Ingress(name, { metadata: metadata(owner, place), spec: ingressSpec(facts) }, opts);
}
