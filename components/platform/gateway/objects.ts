import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Identity, metadata } from "../../kit/labels";
import { POLICY_READY, ROUTE_READY } from "./gateway-api";

/** A custom resource of the gateway, without its metadata. */
export interface GatewayObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: object;
}

/**
 * What is waited for, by kind. EnvoyProxy says nothing of itself. SecurityPolicy says nothing before its route is there,
 * which comes after it; one that is not in force makes Envoy refuse every request.
 */
const waits: Readonly<Record<string, Record<string, string>>> = {
  GatewayClass: { "pulumi.com/waitFor": "condition=Accepted" },
  Gateway: { "pulumi.com/waitFor": "condition=Programmed" },
  HTTPRoute: ROUTE_READY,
  GRPCRoute: ROUTE_READY,
  TCPRoute: ROUTE_READY,
  ClientTrafficPolicy: POLICY_READY,
  BackendTrafficPolicy: POLICY_READY,
};

export interface Place {
  /** Name in the cluster. */
  readonly name: string;
  /** @default - cluster-wide */
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Creates it and waits until its controller has taken it up. */
export function createObject(
  name: string,
  owner: Identity,
  place: Place,
  object: GatewayObject,
  opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
  const { annotations: more, ...where } = place;
  const annotations = { ...waits[object.kind], ...more };
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: object.apiVersion,
      kind: object.kind,
      metadata: { ...metadata(owner, where), ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
      spec: object.spec,
    },
    opts,
  );
}
